"""Reference signature for SignTests: writes ../Signature/team.key, team.pub and version-1-tree.riddle.sig.

Signs ../WeightFiles/version-1-tree.riddle with a fixed Ed25519 key by the Python package cryptography 50.0.2. Ed25519
is deterministic (RFC 8032), so `riddle sign` must write the same bytes. The key is for tests alone.

The same check by hand, for any signed router:

    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    key = load_pem_public_key(open("team.pub", "rb").read())
    signature = base64.b64decode(json.load(open("router.riddle.sig"))["signature"])
    key.verify(signature, b"riddle weight file signature, version 1\\n" + open("router.riddle", "rb").read())

Run: python3 signature.py
"""

import base64
import hashlib
import json
import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

here = os.path.dirname(os.path.abspath(__file__))
router = open(os.path.join(here, "..", "WeightFiles", "version-1-tree.riddle"), "rb").read()
key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"riddle: a key for tests alone").digest())
public = key.public_key()
raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
signed = {
    "algorithm": "Ed25519",
    "format": "riddle-signature-1",
    "key": hashlib.sha256(raw).hexdigest(),
    "signature": base64.b64encode(key.sign(b"riddle weight file signature, version 1\n" + router)).decode(),
}
folder = os.path.join(here, "..", "Signature")
os.makedirs(folder, exist_ok=True)


def write(name, content):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(content)


write("team.key", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
write("team.pub", public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
text = json.dumps(signed, indent=2, sort_keys=True, separators=(",", " : "))
write("version-1-tree.riddle.sig", text.encode() + b"\n")
