"""Webhooks are sent to public addresses, and to what the operator lets in."""

from __future__ import annotations

import ipaddress

import pytest

from groundlevel.kernel.settings import Settings
from groundlevel.webhooks.egress import UNRESTRICTED, EgressPolicy, egress_policy_of
from groundlevel.webhooks.errors import UrlForbidden

PUBLIC = (
    "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808",
    "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "192.88.98.255",
    "192.88.100.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "168.63.129.15", "2001:200::", "2001:db7::",
    "2001:db9::", "2003::1", "2620:4f:7fff::1", "2620:4f:8001::", "3ffe::1",
)  # fmt: skip
FORBIDDEN = (
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1", "224.0.0.1", "224.0.1.1", "239.1.1.1",
    "240.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "::7f00:1", "::a9fe:a9fe",
    "2002:7f00:1::", "2002:a9fe:a9fe::1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a9fe:a9fe",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "192.88.99.1", "192.31.196.1", "192.52.193.1", "192.175.48.1", "192.0.0.9", "192.0.0.171", "198.51.100.1",
    "203.0.113.1", "::ffff:192.88.99.1", "64:ff9b::c058:6301",
    "2002:808:808::", "2001:1::1", "2001:4:112::1", "2001:20::1", "2001:30::1", "2620:4f:8000::1", "3fff::1",
    "3fff:fff:ffff::1", "5f00::1", "100::1", "100:0:0:1::1", "64:ff9b:1::808:808", "1fff::1", "4000::1", "::8.8.8.8",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_admitted(address: str) -> None:
    assert EgressPolicy().admits(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", FORBIDDEN)
def test_others_are_not(address: str) -> None:
    assert not EgressPolicy().admits(ipaddress.ip_address(address))
    assert UNRESTRICTED.admits(ipaddress.ip_address(address))


SETTINGS: tuple[tuple[dict[str, object], str, bool], ...] = (
    ({}, "127.0.0.1", True),
    ({}, "::ffff:127.0.0.1", True),
    ({}, "::1", True),
    ({}, "10.0.0.1", False),
    ({"host": "localhost"}, "127.0.0.1", True),
    ({"host": "::1"}, "127.0.0.1", True),
    ({"host": "0.0.0.0"}, "127.0.0.1", False),
    ({"host": "::"}, "::1", False),
    ({"host": "192.168.1.5"}, "127.0.0.1", False),
    ({"host": "intranet"}, "127.0.0.1", False),
    ({"host": "0.0.0.0", "webhook_networks": ("10.0.0.0/8",)}, "10.1.2.3", True),
    ({"host": "0.0.0.0", "webhook_networks": ("10.0.0.0/8",)}, "::ffff:10.1.2.3", True),
    ({"host": "0.0.0.0", "webhook_networks": ("10.0.0.0/8",)}, "169.254.169.254", False),
    ({"host": "0.0.0.0", "webhook_networks": ("any",)}, "169.254.169.254", True),
    ({"webhook_networks": ()}, "127.0.0.1", False),
    ({"webhook_networks": ("10.0.0.0/8",)}, "127.0.0.1", False),
)


@pytest.mark.parametrize(("settings", "address", "admitted"), SETTINGS)
def test_settings_let_more_in(settings: dict[str, object], address: str, admitted: bool) -> None:
    networks = egress_policy_of(Settings(**settings))  # type: ignore[arg-type]
    assert networks.admits(ipaddress.ip_address(address)) is admitted


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com", "https://example.com:8443/a?b=c", "HTTPS://EXAMPLE.COM/", "http://8.8.8.8/",
        "http://134744072/", "http://[2606:4700:4700::1111]/", "https://xn--bcher-kva.example/%20",
    ],
)  # fmt: skip
def test_good_urls(url: str) -> None:
    EgressPolicy().check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "/hooks", "ftp://example.com/", "file:///etc/passwd", "http://", "http:///x", "http://:80/",
        "http://user@example.com/", "http://user:secret@example.com/", "http://example.com:port/",
        "http://example.com:99999/", "http://example.com:0/", "http://example.com:22/", "https://example.com:25/",
        "http://example.com:6667/", "http://8.8.8.8:110/", "http://[::1", "http://exa mple.com/",
        "http://example.com/\r\nHost: x",
        "http://bücher.example/", "http://./", "http://a..b/", "http://.example.com/", "http://%00.example/",
        f"http://{'a' * 64}.example/", f"http://{'a.' * 130}example/", "http://127.0.0.1/", "http://[::1]:80/", "http://[::ffff:169.254.169.254]/",
        "http://127.1/", "http://2130706433/", "http://0x7f.1:80/", "http://017700000001/", "http://0/",
        "http://169.254.169.254/latest/meta-data", "http://[fe80::1%25eth0]/", "https://example.com/" + "a" * 2_000,
    ],
)  # fmt: skip
def test_bad_urls(url: str) -> None:
    with pytest.raises(UrlForbidden):
        EgressPolicy().check_url(url)
