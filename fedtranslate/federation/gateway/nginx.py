"""The configuration of nginx in front of a coordinator.

It lets out what our own door does and nothing else, and writes nothing outside the folder.  The
request line itself is matched: the path that nginx makes of it is not what it passes on.
"""

import re
from pathlib import Path

from fedtranslate.config.coordinator import CoordinatorSettings
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.gateway.door import FLEET, SITES
from fedtranslate.federation.membership.requests import MAX_BYTES, PATH

_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_ADDRESS = re.compile(r"[0-9A-Za-z.:_-]+")


def nginx_folder(place: CoordinatorPlace) -> Path:
    """Return where nginx keeps its own files; it must be there before nginx starts."""
    return place.state / "nginx"


def nginx_configuration(
    settings: CoordinatorSettings, place: CoordinatorPlace, user: str = ""
) -> str:
    """Return the text for ``nginx -c FILE -g 'daemon off;'``, run by a normal user.

    Args:
        settings: Of the coordinator.
        place: Its folder, absolute.
        user: Whom nginx works as when root starts it; leave it empty for any other.

    Raises:
        FederationError: The folder or the address has letters that nginx would misread.
    """
    return _TEMPLATE.format(
        user=f"user {user};\n" if user else "",
        pid=_quoted(nginx_folder(place) / "nginx.pid"),
        errors=_quoted(place.logs / "nginx-error.log"),
        access=_quoted(place.logs / "nginx-access.log"),
        temporary="\n".join(
            f"    {name}_temp_path {_quoted(nginx_folder(place) / name)};" for name in _TEMPORARY
        ),
        listen=f"{_host(settings.address)}:{settings.port}",
        certificate=_quoted(place.server_certificate),
        key=_quoted(place.server_key),
        authority=_quoted(place.ca_certificate),
        link=settings.link_port,
        gateway=settings.gateway_port,
        fleet=_in_nginx(FLEET),
        sites=_in_nginx(SITES),
        path=PATH,
        small=MAX_BYTES,
    )


def _quoted(path: Path) -> str:
    text = str(path)
    if not path.is_absolute() or re.search(r"[\"\\${}\x00-\x1f]", text):
        raise FederationError(
            f"nginx cannot work in {text!r}.",
            hint='Name a folder without quotes, backslashes, $, { and }, or set door = "own".',
        )
    return f'"{text}"'


def _host(address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise FederationError(f"The address {address!r} is none.")
    return f"[{address}]" if ":" in address else address


def _in_nginx(pattern: str) -> str:
    return f'"^(?:GET|POST) {pattern} HTTP/1[.][01]$"'


_TEMPLATE = """\
# Written by fedtranslate at each start; changes are lost.
{user}worker_processes 2;
worker_shutdown_timeout 20s;
pid {pid};
# Lower ones tell of each stranger that was refused, with what he asked for.
error_log {errors} crit;
events {{ worker_connections 2048; }}
http {{
{temporary}
    server_tokens off;
    log_format door '$time_iso8601 $remote_addr $request_method $door_path $status'
                    ' in=$request_length out=$bytes_sent $request_time';
    # As our own door: what is small and comes all the time is no line, and a query never is in one.
    map $request_uri $door_path {{ "~^(?<door_bare>[^?]{{1,120}})" $door_bare; default "?"; }}
    map "$limit_req_status $status $uri $bytes_sent $request_length" $door_logged {{
        "~^REJECTED" 0;
        "~^\\S* [23]\\d\\d (?:/v1/fleet/\\S*|{path}/health) \\d{{1,4}} \\d{{1,4}}$" 0;
        default 1;
    }}
    access_log {access} door if=$door_logged;
    limit_req_log_level info;
    limit_req_zone $binary_remote_addr zone=sites:1m rate=20r/s;
    limit_req_zone $server_name zone=strangers:32k rate=1r/s;
    limit_conn_zone $binary_remote_addr zone=one:1m;
    client_header_timeout 15s;
    client_body_timeout 30s;
    send_timeout 30s;
    keepalive_timeout 120s;
    reset_timedout_connection on;
    client_header_buffer_size 4k;
    large_client_header_buffers 4 8k;
    merge_slashes off;

    server {{
        listen {listen} ssl;
        server_name _;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_session_tickets off;
        limit_conn one 250;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $proxy_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Host "";
        proxy_set_header X-Forwarded-Proto "";
        proxy_set_header Forwarded "";
        proxy_set_header Proxy "";
        proxy_hide_header Server;
        proxy_connect_timeout 5s;
        # Neither requests nor answers go by the disk; both are held in pieces.
        proxy_request_buffering off;
        proxy_buffering off;
        proxy_max_temp_file_size 0;

        location ^~ /v1/fleet/ {{
            if ($request !~ {fleet}) {{ return 403; }}
            client_max_body_size 64m;
            proxy_read_timeout 120s;
            proxy_send_timeout 30s;
            proxy_ssl_verify on;
            proxy_ssl_verify_depth 1;
            proxy_ssl_trusted_certificate {authority};
            proxy_ssl_name localhost;
            proxy_ssl_protocols TLSv1.2 TLSv1.3;
            proxy_pass https://127.0.0.1:{link};
        }}

        location ^~ {path}/ {{
            if ($request !~ {sites}) {{ return 403; }}
            limit_req zone=sites burst=100 nodelay;
            limit_req_status 429;
            client_max_body_size {small};
            proxy_read_timeout 60s;
            proxy_pass http://127.0.0.1:{gateway};
        }}

        # To these nginx would answer with a redirection of its own.
        location = /v1/fleet {{ deny all; }}
        location = {path} {{ deny all; }}

        location / {{
            limit_req zone=strangers burst=60 nodelay;
            limit_req_status 403;
            deny all;
        }}
    }}
}}
"""
