"""The plainest of clients, for tests of the stand-ins themselves: nothing is retried, followed or remembered."""

from __future__ import annotations

import csv
import io
import json
import urllib.error
import urllib.parse
import urllib.request

AGENT = "assetmap-tests/1 (+https://example.org)"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_given):
        return None


_OPENER = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def ask(url, *, form=None, body=None, timeout=10, **headers):
    """Status, headers and body; nothing is followed, nothing raised for a status."""
    sent = urllib.parse.urlencode(form).encode() if form is not None else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data=sent, headers={"User-Agent": AGENT, **named})  # noqa: S310
    try:
        with _OPENER.open(request, timeout=timeout) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers, refused.read()


def asked(url, **query):
    """The JSON of an address with these parameters."""
    _, _, body = ask(f"{url}?{urllib.parse.urlencode(query)}")
    return json.loads(body)


def table_of(site, dataset, **query):
    """The rows of a Nomis table."""
    status, headers, body = ask(f"{site.url}/api/v01/dataset/{dataset}.data.csv?{urllib.parse.urlencode(query)}")
    assert status == 200 and headers.get_content_type() == "text/csv"
    return list(csv.DictReader(io.StringIO(body.decode())))
