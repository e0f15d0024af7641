"""Compressed messages (permessage-deflate, RFC 7692), each by itself: reading one needs no earlier message."""

import zlib
from functools import lru_cache

FROM = 256  # bytes: a shorter message is not worth compressing
ANSWER = b"permessage-deflate; server_no_context_takeover; client_no_context_takeover"
FLUSHED, LAST_BLOCK = b"\x00\x00\xff\xff", b"\x01\x00\x00\xff\xff"  # the end is not sent (section 7.2.1)

# The parameters of an offer, and the values that each may have; None: no value (section 7.1).
OFFERED = {
    b"server_no_context_takeover": [None],
    b"client_no_context_takeover": [None],
    b"server_max_window_bits": [b"15"],
    b"client_max_window_bits": [None, b"8", b"9", b"10", b"11", b"12", b"13", b"14", b"15"],
}


def answer(offers):
    """Answer the first of the client's offers that we can keep; b"" if we can keep no offer (section 5.1)."""
    for offer in offers.split(b","):  # a comma is in no value, which is a token even in quotes
        asked = parse(offer)
        if asked is not None:
            return ANSWER + (b"; server_max_window_bits=15" if b"server_max_window_bits" in asked else b"")
    return b""


def parse(offer):
    """Read an offer; None if we cannot keep it.

    That is: another extension, or a parameter that is unknown, has a wrong value, or is there twice.
    """
    name, *parameters = offer.split(b";")
    if name.strip(b" \t") != b"permessage-deflate":
        return None
    asked = {}
    for parameter in parameters:
        key, equals, value = (part.strip(b" \t") for part in parameter.partition(b"="))
        if len(value) > 2 and value[:1] == value[-1:] == b'"':
            value = value[1:-1]
        value = value if equals else None
        if key in asked or value not in OFFERED.get(key, ()):
            return None
        asked[key] = value
    return asked


@lru_cache(1)  # in a room all members receive the same message: it is compressed once
def deflate(message):
    z = zlib.compressobj(1, wbits=-15)  # the fastest; raw, up to 2^15 bytes back
    return (z.compress(message) + z.flush(zlib.Z_SYNC_FLUSH))[: -len(FLUSHED)]


def inflate(packed, most):
    """Decompress a message; of one that is longer than most bytes, return one byte more than that."""
    z = zlib.decompressobj(wbits=-15)
    message = z.decompress(packed + FLUSHED + LAST_BLOCK, most + 1)
    if len(message) <= most and not z.eof:
        raise zlib.error("the compressed message is incomplete")
    return message
