"""A bucket as a test sees it: a client of its own, so that what Cofferdam says is not all there is to go by."""

import datetime
import hashlib
import hmac
import http.client
import ssl
import urllib.parse
import xml.etree.ElementTree as xml

import s3_server


class Bucket:
    def __init__(self, port, name, authority=None):
        self.port, self.name, self.authority = port, name, authority

    def request(self, method, key="", query=(), body=b""):
        """The answer's body; whatever is no success is an error."""
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(body).hexdigest()
        path = urllib.parse.quote(f"/{self.name}/{key}" if key else f"/{self.name}")
        line = "&".join(f"{urllib.parse.quote(name, safe='')}={urllib.parse.quote(value, safe='')}" for name, value in sorted(query))
        headers = {"host": f"127.0.0.1:{self.port}", "x-amz-content-sha256": digest, "x-amz-date": now}
        headers["authorization"] = authorization(method, path, line, headers, digest)
        connection = self.connection()
        try:
            connection.request(method, path + ("?" + line if line else ""), body, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text!r}")
        return text

    def connection(self):
        if self.authority:
            trust = ssl.create_default_context(cafile=self.authority)
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=trust)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def create(self):
        self.request("PUT")
        return self

    def keys(self, prefix=""):
        """Sizes by key."""
        sizes, token = {}, None
        while True:
            query = [("list-type", "2"), ("prefix", prefix)] + ([("continuation-token", token)] if token else [])
            tree = without_namespaces(self.request("GET", query=query))
            sizes.update({item.findtext("Key"): int(item.findtext("Size")) for item in tree.iter("Contents")})
            token = tree.findtext("NextContinuationToken")
            if tree.findtext("IsTruncated") != "true":
                return sizes

    def uploads(self):
        """Keys of the multipart uploads that are neither completed nor aborted."""
        return [item.findtext("Key") for item in without_namespaces(self.request("GET", query=[("uploads", "")])).iter("Upload")]

    def read(self, key):
        return self.request("GET", key)

    def write(self, key, body):
        self.request("PUT", key, body=body)

    def delete(self, key):
        self.request("DELETE", key)

    def empty(self):
        for key in self.keys():
            self.delete(key)


def without_namespaces(text):
    tree = xml.fromstring(text)
    for element in tree.iter():
        element.tag = element.tag.rpartition("}")[2]
    return tree


def authorization(method, path, query, headers, digest):
    def sign(key, text):
        return hmac.new(key, text.encode(), hashlib.sha256).digest()

    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{digest}"
    day = headers["x-amz-date"][:8]
    scope = f"{day}/{s3_server.REGION}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = ("AWS4" + s3_server.SECRET_KEY).encode()
    for part in (day, s3_server.REGION, "s3", "aws4_request"):
        key = sign(key, part)
    return (f"AWS4-HMAC-SHA256 Credential={s3_server.ACCESS_KEY}/{scope}, SignedHeaders={names}, "
            f"Signature={sign(key, text).hex()}")
