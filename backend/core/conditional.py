"""ETags from revisions: cheap to make, exact to compare (RFC 9110, section 13)."""

from django.http import HttpRequest, HttpResponse

from backend.core.api import respond
from backend.core.problems import Problem


def etag(*parts: object) -> str:
    """A strong ETag of the revision or version that `parts` spell."""
    return '"' + "-".join(str(part) for part in parts) + '"'


def unchanged(
    request: HttpRequest, tag: str, *, headers: dict[str, str] | None = None
) -> HttpResponse | None:
    """304 when the client's `If-None-Match` names `tag`, else None; `headers` are those that the
    whole answer would have."""
    if tag not in _tags(request.headers.get("If-None-Match", "")):
        return None
    return respond(None, status=304, headers={"ETag": tag, **(headers or {})})


def match_named(request: HttpRequest) -> set[str]:
    """The ETags that `If-Match` names; 428 without it."""
    given = request.headers.get("If-Match")
    if given is None:
        raise Problem(428, "if_match_required", "Send If-Match with the ETag that you last read.")
    return _tags(given)


def require_match(request: HttpRequest, tag: str) -> None:
    """428 without `If-Match`, 412 when it names another revision than `tag`."""
    if tag not in match_named(request):
        raise stale()


def stale() -> Problem:
    """412: the change was made on a version that is no longer the present one."""
    return Problem(412, "stale", "It was changed since you read it; read it again.")


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
