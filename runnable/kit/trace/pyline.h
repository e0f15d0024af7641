// Which line of a Python program makes a call. The library is loaded into any program, so it asks the interpreter by
// names that are looked up when the program runs, and only ones of Python's stable interface (3.9 and later; before,
// calls have no line).
#ifndef ERA_PYLINE_H
#define ERA_PYLINE_H

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct PyObject PyObject;

static struct {
	int (*IsInitialized)(void);
	int (*IsFinalizing)(void);
	void *(*GetThisThreadState)(void);
	int (*Check)(void);
	int (*Ensure)(void);
	void (*Release)(int);
	PyObject *(*GetFrame)(void);
	PyObject *(*GetBack)(PyObject *);
	PyObject *(*GetCode)(PyObject *);
	int (*GetLineNumber)(PyObject *);
	PyObject *(*GetAttrString)(PyObject *, const char *);
	const char *(*AsUTF8)(PyObject *);
	void (*ErrClear)(void);
	void (*IncRef)(PyObject *);
	void (*DecRef)(PyObject *);
} py;

static char has_python;

// find_python looks for the interpreter in this process.
static void find_python(void) {
	const struct {
		void *to;
		const char *name, *older;
	} wanted[] = {
		{&py.IsInitialized, "Py_IsInitialized", ""},
		{&py.IsFinalizing, "Py_IsFinalizing", "_Py_IsFinalizing"}, // public since 3.13
		{&py.GetThisThreadState, "PyGILState_GetThisThreadState", ""},
		{&py.Check, "PyGILState_Check", ""},
		{&py.Ensure, "PyGILState_Ensure", ""},
		{&py.Release, "PyGILState_Release", ""},
		{&py.GetFrame, "PyEval_GetFrame", ""},
		{&py.GetBack, "PyFrame_GetBack", ""},
		{&py.GetCode, "PyFrame_GetCode", ""},
		{&py.GetLineNumber, "PyFrame_GetLineNumber", ""},
		{&py.GetAttrString, "PyObject_GetAttrString", ""},
		{&py.AsUTF8, "PyUnicode_AsUTF8", ""},
		{&py.ErrClear, "PyErr_Clear", ""},
		{&py.IncRef, "Py_IncRef", ""},
		{&py.DecRef, "Py_DecRef", ""},
	};
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		void *found = dlsym(RTLD_DEFAULT, wanted[i].name);
		if (found == NULL)
			found = dlsym(RTLD_DEFAULT, wanted[i].older);
		if (found == NULL)
			return;
		memcpy(wanted[i].to, &found, sizeof found);
	}
	has_python = 1;
}

// What is known of a code object: its file's path below runnable, "" if it is not there. The object is kept alive, so
// that its address never means another one.
enum { CODES = 1024, LINES = 1024 };
static struct {
	PyObject *code;
	char file[sizeof ((struct trace_site *)0)->text];
} codes[CODES];
static struct {
	PyObject *code;
	int line;
	uint16_t site;
} lines[LINES];
static atomic_flag tables_busy = ATOMIC_FLAG_INIT; // the GIL keeps others out already; Python without one does not

// below is the path below runnable, "" for a file that is not there or whose path is too long. The last folder of that
// name counts: the repository may lie in another.
static const char *below(const char *path) {
	static const char folder[] = "runnable/";
	const char *found = "";
	for (const char *at = path; (at = strstr(at, folder)) != NULL; at++)
		if (at == path || at[-1] == '/')
			found = at + sizeof folder - 1;
	return strlen(found) < sizeof codes->file ? found : "";
}

// file_of is the path of the code's file below runnable, "" when it is not there. It returns NULL when the table is
// full.
static const char *file_of(PyObject *code) {
	size_t i = ((uintptr_t)code >> 4) % CODES, tries = 0;
	while (codes[i].code != NULL && codes[i].code != code && tries++ < 32)
		i = (i + 1) % CODES;
	if (codes[i].code == code)
		return codes[i].file;
	if (codes[i].code != NULL)
		return NULL;
	PyObject *name = py.GetAttrString(code, "co_filename");
	const char *path = name != NULL ? py.AsUTF8(name) : NULL;
	if (path != NULL)
		strcpy(codes[i].file, below(path));
	else
		py.ErrClear();
	if (name != NULL)
		py.DecRef(name);
	py.IncRef(code);
	codes[i].code = code;
	return codes[i].file;
}

static uint16_t site_of(PyObject *code, const char *file, int line) {
	size_t i = (((uintptr_t)code >> 4) + (size_t)line * 31) % LINES, tries = 0;
	while (lines[i].code != NULL && (lines[i].code != code || lines[i].line != line) && tries++ < 32)
		i = (i + 1) % LINES;
	if (lines[i].code == code && lines[i].line == line)
		return lines[i].site;
	if (lines[i].code != NULL)
		return 0;
	char text[sizeof codes->file + 12];
	snprintf(text, sizeof text, "%s:%d", file, line);
	lines[i].line = line;
	lines[i].site = add_site(text);
	lines[i].code = code;
	return lines[i].site;
}

// walk goes up from the running function to the first that is the book's: socket.accept is written in Python too, and
// the line wanted is the one that called it. The caller holds the GIL.
static uint16_t walk(void) {
	if (atomic_flag_test_and_set_explicit(&tables_busy, memory_order_acquire))
		return 0; // better no line than to wait
	uint16_t site = 0;
	PyObject *frame = py.GetFrame();
	if (frame != NULL)
		py.IncRef(frame);
	while (frame != NULL) {
		PyObject *code = py.GetCode(frame), *back = NULL;
		const char *file = file_of(code);
		if (file != NULL && *file != 0)
			site = site_of(code, file, py.GetLineNumber(frame));
		else
			back = py.GetBack(frame);
		py.DecRef(code);
		py.DecRef(frame);
		frame = back;
	}
	atomic_flag_clear_explicit(&tables_busy, memory_order_release);
	return site;
}

// A thread lets go of the GIL before a call that may wait, and from then on may not look at its own functions. Where
// the socket module is a library of its own, it lets go through PyEval_SaveThread, so the line is taken down there.
PER_THREAD uint16_t upcoming;
PER_THREAD char has_upcoming;

void *PyEval_SaveThread(void) {
	static void *(*real)(void);
	if (real == NULL)
		real = (void *(*)(void))dlsym(RTLD_NEXT, "PyEval_SaveThread");
	if (memory != NULL && has_python) {
		upcoming = walk();
		has_upcoming = 1;
	}
	return real();
}

void PyEval_RestoreThread(void *state) {
	static void (*real)(void *);
	if (real == NULL)
		real = (void (*)(void *))dlsym(RTLD_NEXT, "PyEval_RestoreThread");
	has_upcoming = 0;
	real(state);
}

// python_site is the calling line's number in the table of sites; 0 if it cannot be had.
static uint16_t python_site(void) {
	if (has_upcoming)
		return upcoming;
	if (!py.IsInitialized() || py.IsFinalizing() || py.GetThisThreadState() == NULL)
		return 0;
	if (py.Check())
		return walk();
	int state = py.Ensure(); // the socket module is built into the interpreter: take the GIL back for a moment
	uint16_t site = walk();
	py.Release(state);
	return site;
}

#endif
