"""Asks for a token as an application does: python main.py --credential=managed-identity --client-id=..."""

import argparse
import importlib.metadata
import json
import time

from azure.core.credentials import AccessToken
from azure.identity import ChainedTokenCredential, DefaultAzureCredential, ManagedIdentityCredential

parser = argparse.ArgumentParser()
parser.add_argument("--credential", default="managed-identity")
parser.add_argument("--client-id")
parser.add_argument("--resource-id")
parser.add_argument("--object-id")
parser.add_argument("--resource", default="https://storage.azure.com")
options = parser.parse_args()


def managed_identity():
    if options.client_id:
        return ManagedIdentityCredential(client_id=options.client_id)
    if options.resource_id:
        return ManagedIdentityCredential(identity_config={"resource_id": options.resource_id})
    if options.object_id:
        return ManagedIdentityCredential(identity_config={"object_id": options.object_id})
    return ManagedIdentityCredential()


class Next:
    def get_token(self, *scopes, **kwargs):
        return AccessToken("of the next credential", int(time.time()) + 60)


credentials = {
    "managed-identity": managed_identity,
    "default": DefaultAzureCredential,
    "chain": lambda: ChainedTokenCredential(managed_identity(), Next()),
}

started_at = time.monotonic()
try:
    answer = {"token": credentials[options.credential]().get_token(options.resource + "/.default").token}
except Exception as error:
    answer = {"error": f"{type(error).__name__}: {error}"}
ms = round((time.monotonic() - started_at) * 1000)
version = importlib.metadata.version("azure-identity")
print(json.dumps({"client": f"azure-identity (Python) {version}", "ms": ms, **answer}))
