#include "textflag.h"

// func returnAddress() uintptr
// BP holds the frame of the caller (Begin): at 0 the frame before it (sys.Read), and there, at 8, its return address.
TEXT ·returnAddress(SB), NOSPLIT, $0-8
	MOVQ 0(BP), AX
	MOVQ 8(AX), AX
	MOVQ AX, ret+0(FP)
	RET

// func callers(pcs *[24]uintptr) (n int)
// The frames are a list: each begins with the address of the one before it, and its return address is behind that. A
// zero ends it.
TEXT ·callers(SB), NOSPLIT, $0-16
	MOVQ pcs+0(FP), DI
	MOVQ BP, BX
	XORQ CX, CX
next:
	TESTQ BX, BX
	JZ done
	CMPQ CX, $24
	JGE done
	MOVQ 8(BX), AX
	MOVQ AX, (DI)(CX*8)
	INCQ CX
	MOVQ 0(BX), BX
	JMP next
done:
	MOVQ CX, n+8(FP)
	RET
