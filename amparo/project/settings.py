"""Django's settings, all derived from the profile, the data folder and the database's address.

AMPARO_PROFILE, AMPARO_DATA_DIR   which country, and where its installation lives
AMPARO_DOOR                       "web" for a process that serves people: it is given no bulk and no owner login
"""

import os
from pathlib import Path

from amparo.project.databases import DEMO as DEMO_MARK
from amparo.project.databases import installation
from amparo.trust.types.charged import only_what_is_declared

INSTALLATION = installation()
DATA_DIR = INSTALLATION.data_dir
KEY_FOLDER = DATA_DIR / "keys"
KEY_SOURCE = INSTALLATION.key_source
SNAPSHOT_FOLDER = DATA_DIR / "snapshots"
# For `--engine spark`: where it runs, and whether its disks are encrypted by themselves (`snapshot.spark`).
SPARK_MASTER = os.environ.get("AMPARO_SPARK_MASTER", "local[*]")
SPARK_MEMORY = os.environ.get("AMPARO_SPARK_MEMORY", "3g")
SPARK_DISKS_ENCRYPTED = os.environ.get("AMPARO_SPARK_DISKS") == "encrypted"
DELIVERY_FOLDER = DATA_DIR / "deliveries"
# Where each seal of the audit log is copied to, and after how many hours without one nothing of anybody is served.
AUDIT_CUSTODIAN = Path(os.environ.get("AMPARO_AUDIT_CUSTODIAN") or DATA_DIR / "audit" / "custodian.jsonl")
# What was erased, by ids and grounds: done once more after a backup was restored.
ERASURE_LEDGER = Path(os.environ.get("AMPARO_ERASURE_LEDGER") or DATA_DIR / "audit" / "erasures.jsonl")
AUDIT_HOURS = int(os.environ.get("AMPARO_AUDIT_HOURS", "4"))
PROFILE = INSTALLATION.profile

# Accounts made by `amparo demo` may sign in only where that command made the installation.
DEMO = (DATA_DIR / DEMO_MARK).exists()

SECRET_KEY = INSTALLATION.secret_key
DEBUG = False
ALLOWED_HOSTS = os.environ.get("AMPARO_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [each for each in os.environ.get("AMPARO_ORIGINS", "").split(",") if each]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "amparo.trust",
    "amparo.registry",
    "amparo.snapshot",
    "amparo.sources",
    "amparo.notices",
    "amparo.intake",
    "amparo.programmes",
    "amparo.payments",
    "amparo.cases",
    "amparo.interop",
    "amparo.web",
    "amparo.project",
]
INSTALLED_APPS = [each for each in INSTALLED_APPS if not each.startswith("amparo.") or INSTALLATION.has_app(each)]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "amparo.web.middleware.content_security",
    "amparo.project.machines.directly",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "amparo.web.sessions.limited",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "amparo.web.middleware.language",
    "amparo.web.middleware.counted",
    "amparo.web.middleware.storable",
    "amparo.web.bodies.limited",
]

ROOT_URLCONF = "amparo.project.urls"
WSGI_APPLICATION = "amparo.project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "amparo.web.context.page",
            ],
        },
    }
]

DATABASES = INSTALLATION.connections(door=os.environ.get("AMPARO_DOOR", "operator"))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "trust.Account"
AUTHENTICATION_BACKENDS = ["amparo.trust.identity.signing_in.Backend"]
PASSWORD_HASHERS = ["amparo.trust.identity.hashing.Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "amparo.trust.identity.weak_passwords.HouseWords", "OPTIONS": {"country": Path(PROFILE).name}},
]
ACCOUNT_ADAPTER = "amparo.trust.identity.signing_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
# Guesses are counted by `trust.guessing`: allauth's budgets let 1,440 a day through, and lock the owner out.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None}
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("AMPARO_PROXIES", "0"))
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
# Reset by e-mail waits for outgoing mail; an administrator sets a new password meanwhile.
ACCOUNT_EMAIL_NOTIFICATIONS = False
MFA_ADAPTER = "amparo.trust.identity.factors.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Amparo"
MFA_TOTP_TOLERANCE = 1  # the clocks of telephones differ; that a code is used once is held by `trust.factors`
# Where staff may sign in elsewhere. Nobody gets an account by it: an administrator links one to issuer and subject.
OIDC = {
    "issuer": os.environ.get("AMPARO_OIDC_ISSUER", ""),
    "client_id": os.environ.get("AMPARO_OIDC_CLIENT", ""),
    "secret": os.environ.get("AMPARO_OIDC_SECRET", ""),
    "name": os.environ.get("AMPARO_OIDC_NAME", ""),
}
# Where calls may go besides the places that other settings name, and which hosts may lie inside the network (`trust.calling_out`).
CALLS = {
    "places": os.environ.get("AMPARO_CALLS", "").split(),
    "inside": os.environ.get("AMPARO_CALLS_INSIDE", "").split(),
}
# Where institutions without a web service put their signed files (`sources.connectors.drop`), a folder for each. Empty: nowhere.
DROPS = os.environ.get("AMPARO_DROPS", "")
# Where texts and e-mails are handed over; secrets are files of the key folder (`trust.keys.secrets`). Empty: not configured.
NOTICES = {
    "sms": {"address": os.environ.get("AMPARO_SMS_ADDRESS", "")},
    "email": {
        "host": os.environ.get("AMPARO_SMTP_HOST", ""),
        "port": int(os.environ.get("AMPARO_SMTP_PORT") or 587),
        "user": os.environ.get("AMPARO_SMTP_USER", ""),
        "sender": os.environ.get("AMPARO_SMTP_SENDER", ""),
        "authority": os.environ.get("AMPARO_SMTP_AUTHORITY", ""),  # a file of certificates beside the machine's own
    },
}
# Where payments are handed over that go by themselves (`payments.rails.g2p`); its secret is a file beside. Empty: they wait.
PAYMENTS = {
    "g2p": {
        "address": os.environ.get("AMPARO_PAYER_ADDRESS", "").rstrip("/"),
        "sender": os.environ.get("AMPARO_PAYER_SENDER", ""),
        "receiver": os.environ.get("AMPARO_PAYER_RECEIVER", ""),
        "callback": os.environ.get("AMPARO_PAYER_CALLBACK", ""),
    },
}
# How often a partner's machine, and how often one address, may ask the API in a second and in a minute (`trust.limits`).
API_LIMITS = {
    "machine": (
        int(os.environ.get("AMPARO_API_MACHINE_SECOND") or 20),
        int(os.environ.get("AMPARO_API_MACHINE_MINUTE") or 600),
    ),
    "address": (
        int(os.environ.get("AMPARO_API_ADDRESS_SECOND") or 20),
        int(os.environ.get("AMPARO_API_ADDRESS_MINUTE") or 600),
    ),
}
# As whom this registry sends and is sent messages of the DCI standard; empty: its own institution's code.
DCI_ID = os.environ.get("AMPARO_DCI_ID", "")
# How many pages one account may ask for: far more than anybody reads.
PAGE_LIMIT = (
    int(os.environ.get("AMPARO_PAGES_SECOND") or 30),
    int(os.environ.get("AMPARO_PAGES_MINUTE") or 900),
)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# A name with this prefix is taken by browsers over TLS only, and from this host alone (RFC 6265bis).
HTTPS = os.environ.get("AMPARO_HTTPS") == "1"
_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_PREFIX}amparo_session"
CSRF_COOKIE_NAME = f"{_PREFIX}amparo_form"
LANGUAGE_COOKIE_NAME = f"{_PREFIX}amparo_language"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
KNOWN_BROWSER_COOKIE = f"{_PREFIX}amparo_browser"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_HTTPONLY = True  # pages hold the token in their forms; no script reads it
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "amparo.web.refusals.form_expired"

# The cache counts attempts to sign in; kept in the database, so that all processes of the server count together.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "trust_cache"}}

# A job runs with what it declares (`trust.types.charged`), and with nothing where it declares nothing.
PROCRASTINATE_WORKER_DEFAULTS = {"task_middleware": [only_what_is_declared]}

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False

# A delivery is written to disk as it arrives, never held in memory.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = str(DELIVERY_FOLDER) if DELIVERY_FOLDER.exists() else None
DELIVERY_BYTES = int(os.environ.get("AMPARO_DELIVERY_MB", "4096")) << 20
DATA_UPLOAD_MAX_NUMBER_FILES = 100
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # a decision table of some hundred rows is posted cell by cell

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

SILENCED_SYSTEM_CHECKS: list[str] = []
BASE_FOLDER = Path(__file__).parent.parent
