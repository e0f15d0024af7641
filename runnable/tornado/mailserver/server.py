"""The mail server of the toolbox, on asyncio's streams: SMTP (RFC 5321), for ordinary mail programs.

It logs the mail that it receives; only the Go server has a page that shows it. Python had smtpd in its standard
library, on asyncore's callbacks, up to 3.11. Neither asyncio nor Tornado has mail.
"""

import asyncio
import email
import email.policy
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "kit/python"))
import job

MAX_MAIL, MAX_LINE, MAX_RECIPIENTS, MAX_NONSENSE = 1 << 20, 1000, 100, 20
PATIENCE, LINGER = 300, 5  # seconds: for the next line, and after the last reply

# The grammar of paths (RFC 5321, section 4.1.2), as in kit/smtp. A source route before the mailbox is skipped.
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
DOMAIN = rf"{LABEL}(?:\.{LABEL})*"
ROUTE = rf"(?:@{DOMAIN}(?:,@{DOMAIN})*:)?"
MAILBOX = rf'(?:{ATOM}(?:\.{ATOM})*|"(?:[ !#-\[\]-~]|\\[ -~])*")@(?:{DOMAIN}|\[[0-9A-Za-z.:]+\])'
FROM = re.compile(rf"(?i:FROM:)<(?:{ROUTE}({MAILBOX})|)>(?: (.*))?")
TO = re.compile(rf"(?i:TO:)<{ROUTE}({MAILBOX}|(?i:postmaster))>(?: (.*))?")
MAX_PATH = 254

# The first line of an HTTP request. Any web page can make a browser send one to this port, and the body, which the page
# wrote, would be taken for commands. It is an attack, so it ends the conversation (section 7.8).
HTTP_REQUEST = re.compile(rb"\S+ .*HTTP/[0-9.]+")


async def main(addr, _):
    loop = asyncio.get_running_loop()
    # For example, no descriptor is free: asyncio waits 1 s.
    loop.set_exception_handler(lambda _, what: job.log(what["message"]))
    async with await asyncio.start_server(converse, sock=job.listen(addr), backlog=128) as server:
        await server.serve_forever()


class HangUp(Exception):
    """Ends the conversation with a last reply."""


async def converse(reader, writer):
    """Hold one conversation. The line of code that waits is the state: for a command, or for a mail's text."""
    session = Session()
    try:
        writer.write(b"220 localhost ESMTP: mail ends here\r\n")
        try:
            while True:
                reply = session.command(await read_line(reader))
                writer.write(reply + b"\r\n")
                if reply.startswith(b"354"):
                    writer.write(session.arrived(*await read_mail(reader)) + b"\r\n")
                await writer.drain()
        except HangUp as last:
            writer.write(str(last).encode() + b"\r\n")
        writer.write_eof()  # the client reads our end of file, and we read on until its own
        async with asyncio.timeout(LINGER):
            while await reader.read(4096):
                pass
    except (OSError, EOFError, TimeoutError):
        pass  # the client is gone, and nothing is left to do
    finally:
        writer.close()


async def read_line(reader):
    """Wait for a line. It ends in CR LF only: a server that accepts anything else lets mails be smuggled in."""
    try:
        async with asyncio.timeout(PATIENCE):
            line = await reader.readuntil(b"\n")
    except TimeoutError:
        raise HangUp("421 localhost has waited long enough") from None
    except asyncio.LimitOverrunError:
        raise HangUp("500 line too long") from None
    if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
        raise HangUp("500 a CR or LF by itself: lines end in CR LF")
    return line[:-2]


async def read_mail(reader):
    """Wait for the lines of a mail until one is a dot. Any other leading dot was added by the sender and is removed."""
    lines, size, refused = [], 0, b""
    while (line := await read_line(reader)) != b".":
        line = line.removeprefix(b".")
        size += len(line) + 2
        if len(line) > MAX_LINE - 2:
            refused = refused or b"500 a line of the mail is too long"
        if size > MAX_MAIL:
            refused = refused or b"552 the mail is too large"
        if refused:
            lines.clear()  # the rest is read and thrown away: the sender reads no reply before it has sent all
        else:
            lines.append(line + b"\r\n")
    return b"".join(lines), refused


class Session:
    """The state of a conversation between two commands."""

    def __init__(self):
        self.greeted = self.extended = False
        self.nonsensical = 0  # lines so far that were not commands
        self.reset()

    def reset(self):
        self.sender, self.recipients = None, []

    def command(self, line):
        """Answer one command line."""
        if len(line) > MAX_LINE - 2:
            raise HangUp("500 line too long")
        if not re.fullmatch(rb"[\t -~]*", line):
            return self.nonsense(b"500 a command is of printable ASCII")
        if HTTP_REQUEST.fullmatch(line):
            raise HangUp("421 localhost takes mail, and that was HTTP")
        verb, _, rest = line.decode().partition(" ")
        verb, rest = verb.upper(), rest.strip(" \t")
        if verb in ("EHLO", "HELO"):
            return self.hello(verb, rest)
        if verb == "MAIL":
            return self.begin(rest)
        if verb == "RCPT":
            return self.to(rest)
        if verb in ("DATA", "RSET", "QUIT") and rest:
            return b"501 this command stands alone"
        if verb == "DATA":
            return b"354 go on; a line of one dot ends it" if self.recipients else b"503 MAIL and RCPT come before DATA"
        if verb == "RSET":
            self.reset()
            return b"250 forgotten"
        if verb == "QUIT":
            raise HangUp("221 localhost good bye")
        if verb == "NOOP":
            return b"250 done, and nothing was to do"
        if verb == "VRFY":
            return b"252 send it, and see" if rest else b"501 verify whom?"
        if verb == "HELP":
            return b"214 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY QUIT: see RFC 5321"
        if verb == "EXPN":
            return b"502 there are no lists here"
        return self.nonsense(b"500 no such command")

    def nonsense(self, reply):
        """Answer a line that is not a command. A client must not lose the connection for one (section 3.8); one that
        keeps on is not a mail program."""
        self.nonsensical += 1
        if self.nonsensical == MAX_NONSENSE:
            raise HangUp("421 localhost has understood none of that")
        return reply

    def hello(self, verb, name):
        if not name or " " in name or "\t" in name:
            return b"501 say who you are"
        self.reset()  # a mail that was begun is over
        self.greeted, self.extended = True, verb == "EHLO"
        if self.extended:
            return b"250-localhost\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE %d" % MAX_MAIL
        return b"250 localhost"

    def begin(self, rest):
        if not self.greeted or self.sender is not None:
            return b"503 a greeting comes first, and then one mail at a time"
        match = FROM.fullmatch(rest)
        if not match or len(match[1] or "") > MAX_PATH:
            return b"501 want MAIL FROM:<name@example.org>, or <> for a notice"
        for parameter in (match[2] or "").upper().split():
            size = re.fullmatch("SIZE=([0-9]{1,20})", parameter)
            if not self.extended or not size and parameter not in ("BODY=7BIT", "BODY=8BITMIME"):
                return b"555 no such parameter"
            if size and int(size[1]) > MAX_MAIL:
                return b"552 the mail is too large"
        self.sender = match[1] or ""
        return b"250 from <%s>" % self.sender.encode()

    def to(self, rest):
        if self.sender is None:
            return b"503 MAIL comes before RCPT"
        match = TO.fullmatch(rest)
        if not match or len(match[1]) > MAX_PATH:
            return b"501 want RCPT TO:<name@example.org>"
        if match[2]:
            return b"555 no such parameter"
        if len(self.recipients) == MAX_RECIPIENTS:
            return b"452 enough recipients for one mail"
        self.recipients.append(match[1])
        return b"250 to <%s>" % match[1].encode()

    def arrived(self, body, refused):
        """Log a mail that has arrived, and confirm it."""
        sender, recipients = self.sender, self.recipients
        self.reset()
        if refused:
            return refused
        try:
            subject = email.message_from_bytes(body, policy=email.policy.default)["subject"]
        except Exception:  # a stranger wrote it, and the parser raises more than it documents
            subject = None
        job.log(f"mail from {sender!r} to {recipients}, {len(body)} bytes: {ascii(str(subject))}")
        return b"250 we have it, %d bytes" % len(body)


if __name__ == "__main__":
    asyncio.run(main(*job.flags()))
