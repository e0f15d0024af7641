"""Compressed messages (permessage-deflate, RFC 7692), each by itself: who reads one needs none that came before."""

import re
import zlib
from functools import lru_cache

FROM = 256  # bytes of a message that is worth it
ANSWER = b"permessage-deflate; server_no_context_takeover; client_no_context_takeover"
FLUSHED, LAST_BLOCK = b"\x00\x00\xff\xff", b"\x01\x00\x00\xff\xff"  # how each ends, which is not sent (section 7.2.1)

_OFFER = re.compile(
    rb"permessage-deflate(\s*;\s*(server_no_context_takeover|client_no_context_takeover"
    rb'|client_max_window_bits(=("?)([89]|1[0-5])\4)?|server_max_window_bits=("?)15\6))*'
)


def answer(offers):
    """Answer the first of the client's offers that we can keep to; b"" if there is none (section 5.1)."""
    for offer in offers.split(b","):
        if _OFFER.fullmatch(offer.strip(b" \t")):
            return ANSWER + (b"; server_max_window_bits=15" if b"server_max_window_bits" in offer else b"")
    return b""


@lru_cache(1)  # in a room all hear the same words, and each is compressed for all of them together
def deflate(message):
    z = zlib.compressobj(1, wbits=-15)  # the fastest; raw, up to 2^15 bytes back
    return (z.compress(message) + z.flush(zlib.Z_SYNC_FLUSH))[: -len(FLUSHED)]


def inflate(packed, most):
    """What a compressed message says; of one that says more than most bytes, one byte more than that."""
    z = zlib.decompressobj(wbits=-15)
    message = z.decompress(packed + FLUSHED + LAST_BLOCK, most + 1)
    if len(message) <= most and not z.eof:
        raise zlib.error("there is no end")
    return message
