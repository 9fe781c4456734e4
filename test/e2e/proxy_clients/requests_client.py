"""METHOD URL TENANT [JSON]: makes the call with requests, prints what came of it as one line of JSON."""

import json
import sys

import requests

method, url, tenant, *body = sys.argv[1:]
headers = {"X-Tenant-ID": tenant}
if body:
    headers["Content-Type"] = "application/json"
try:
    answer = requests.request(method, url, headers=headers, data=body[0].encode() if body else None, timeout=20)
    print(json.dumps({"status": answer.status_code, "body": answer.content.decode()}))
except requests.RequestException as error:
    print(json.dumps({"error": str(error)}))
