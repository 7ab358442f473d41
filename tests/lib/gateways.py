"""Counterparts for what carries notices: a gateway for texts and a mail server, real ones on free ports of this machine.

Each notes what it was handed. `says` lets a test choose what a gateway answers, or that it does not.
"""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HERE = "127.0.0.1"
ACCEPTED = (200, b'{"accepted": true}')


class Gateway:
    """Takes texts by HTTP. `texts`: what was handed over, whatever was answered; `taken`: reference → text, each once."""

    def __init__(self) -> None:
        self.texts: list[dict] = []
        self.taken: dict[str, str] = {}
        self.asked: list[dict[str, str]] = []
        self.says: Callable[[dict], tuple[int, bytes] | None] = lambda told: ACCEPTED
        self.socket = socket.create_server((HERE, 0))
        self.address = f"http://{HERE}:{self.socket.getsockname()[1]}/texts"

    def serve(self) -> None:
        while True:
            try:
                line, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(line,), daemon=True).start()

    def answer(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as reader, suppress(OSError):
            reader.readline()
            headers = {}
            while (each := reader.readline().strip()) != b"":
                name, _, value = each.decode().partition(": ")
                headers[name.lower()] = value
            told = json.loads(reader.read(int(headers["content-length"])))
            self.asked.append(headers)
            self.texts.append(told)
            answer = self.says(told)
            if answer is None:  # it hangs until whoever asked goes
                line.settimeout(30)
                line.recv(1)
                return
            if answer == ACCEPTED:
                self.taken[told["reference"]] = told["text"]
            status, body = answer
            line.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


class Post:
    """Takes e-mail by SMTP, over a line that it encrypts where it says so. `letters`: what was handed over, as text."""

    def __init__(self, certificate: Path, *, encrypts: bool = True) -> None:
        self.letters: list[str] = []
        self.encrypts = encrypts
        self.refuses: dict[str, str] = {}  # command → what is answered in its stead
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.socket = socket.create_server((HERE, 0))
        self.port = self.socket.getsockname()[1]

    def serve(self) -> None:
        while True:
            try:
                line, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(line,), daemon=True).start()

    def answer(self, line: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError):
            line.sendall(b"220 here\r\n")
            while line:
                line = self._spoken(line)
        if line:
            line.close()

    def _spoken(self, line: socket.socket) -> socket.socket | None:
        """Answer one command; return the line that goes on, encrypted from STARTTLS on."""
        command = _line_of(line)
        verb = command[:4].upper()
        if verb in self.refuses:
            line.sendall(self.refuses[verb].encode() + b"\r\n")
        elif verb == "EHLO":
            more = "" if isinstance(line, ssl.SSLSocket) or not self.encrypts else "250-STARTTLS\r\n"
            line.sendall(f"250-here\r\n{more}250 SIZE 1000000\r\n".encode())
        elif verb == "STAR":
            line.sendall(b"220 go on\r\n")
            return self.context.wrap_socket(line, server_side=True)
        elif verb == "DATA":
            line.sendall(b"354 go on\r\n")
            self.letters.append(_until_dot(line))
            line.sendall(b"250 taken\r\n")
        elif verb in ("QUIT", ""):
            return None
        else:
            line.sendall(b"250 fine\r\n")
        return line


def _line_of(line: socket.socket) -> str:
    found = b""
    while not found.endswith(b"\r\n") and (each := line.recv(1)):
        found += each
    return found.decode().strip()


def _until_dot(line: socket.socket) -> str:
    found = b""
    while not found.endswith(b"\r\n.\r\n") and (each := line.recv(4096)):
        found += each
    return found.decode()


def certificate(folder: Path) -> Path:
    """Write a certificate of this machine's own, with its key; return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HERE)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HERE))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "post.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@contextmanager
def serving(counterpart: Gateway | Post) -> Iterator[None]:
    """Let a counterpart serve until the block ends."""
    threading.Thread(target=counterpart.serve, daemon=True).start()
    try:
        yield
    finally:
        with suppress(OSError):  # a test closed it before
            counterpart.socket.shutdown(socket.SHUT_RDWR)
        counterpart.socket.close()
