"""E-mail, by a server that takes it over SMTP and encrypts the line (STARTTLS). Without encryption nothing is handed over.

The neutral text alone: no name, no programme. A message keeps its Message-ID however often it is handed over.

Units   seconds for each answer
Errors  none is raised: each failure is an outcome with its reason
Source  RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 5322 (messages)
"""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime

from django.conf import settings

from amparo.kernel import clock
from amparo.notices.channels.message import Outgoing
from amparo.notices.types import Outcome, Reason
from amparo.trust.gateway_secrets import secret

SECONDS = 10.0


def is_configured() -> bool:
    given = settings.NOTICES["email"]
    return bool(given["host"] and given["sender"] and (not given["user"] or secret("smtp")))


def send(message: Outgoing) -> Outcome:
    given = settings.NOTICES["email"]
    try:
        with smtplib.SMTP(given["host"], given["port"], timeout=SECONDS) as line:
            line.starttls(context=_trusted(given["authority"]))
            if given["user"]:
                line.login(given["user"], secret("smtp"))
            line.send_message(_written(message, given["sender"]))
    except smtplib.SMTPNotSupportedError:
        return Outcome(Reason.UNSAFE)
    except ssl.SSLError:
        return Outcome(Reason.UNSAFE)
    except smtplib.SMTPRecipientsRefused as refusal:
        return Outcome(Reason.REFUSED, next(iter(refusal.recipients.values()))[0])
    except smtplib.SMTPResponseException as refusal:
        return Outcome(Reason.REFUSED, refusal.smtp_code) if refusal.smtp_code > 0 else Outcome(Reason.UNREADABLE)
    except smtplib.SMTPServerDisconnected:
        return Outcome(Reason.SILENT)
    except smtplib.SMTPException:
        return Outcome(Reason.UNREADABLE)
    except OSError:  # no line, or no answer in time
        return Outcome(Reason.SILENT)
    return Outcome()


def _written(message: Outgoing, sender: str) -> EmailMessage:
    written = EmailMessage()
    written["From"], written["To"] = sender, message.address
    written["Subject"] = " ".join(message.parts["subject"].split())
    written["Date"] = format_datetime(clock.now())
    written["Message-ID"] = f"<{message.reference}@{sender.partition('@')[2] or 'amparo'}>"
    written["Auto-Submitted"] = "auto-generated"
    written.set_content(message.parts["email"])
    return written


def _trusted(authority: str) -> ssl.SSLContext:
    """Return what the server's certificate is held against: this machine's authorities, and the installation's own."""
    context = ssl.create_default_context()
    if authority:
        context.load_verify_locations(authority)
    return context
