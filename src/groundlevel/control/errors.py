"""Refusals of the control plane."""

from __future__ import annotations

from groundlevel.kernel.errors import BadRequest, Conflict, Forbidden, NotFound


class ControlForbidden(Forbidden):
    """The control plane does not answer this request"""

    code = "control_forbidden"
    hint = "Ask from the machine of the server as http://127.0.0.1:PORT, or send X-GroundLevel-Control-Key."
    about = (
        "Only programs of the server's own machine may steer it, which call it by a name of the machine itself and are "
        "no page of a browser; or whoever sends the setting control_key as X-GroundLevel-Control-Key."
    )


class NotDisposable(Conflict):
    """The database is not marked as disposable, so nothing in it is replaced"""

    code = "not_disposable"
    hint = "Stop the server, run `groundlevel mark-disposable --database URL`, and start it again."
    about = (
        "A reset and the restoring of a checkpoint throw away what is stored, so they are refused unless somebody has "
        "called the database disposable. `groundlevel double` does so with each database that it creates."
    )


class CheckpointNotFound(NotFound):
    """There is no such checkpoint"""

    code = "checkpoint_not_found"
    hint = "GET /control/checkpoints lists them; they last as long as the server runs."
    about = (
        "Checkpoints are in the memory of the server. `seed` is how everything was when it started; `empty` is there "
        "where the database was empty before it was seeded."
    )


class CheckpointElsewhere(Conflict):
    """What is stored now has not come from that checkpoint"""

    code = "checkpoint_elsewhere"
    hint = "Restore the checkpoint first, or ask for the changes since one that was taken before."
    about = (
        "Changes are counted from a checkpoint that was taken on the way to what is stored now. Since then an image "
        "was put back that is older, or another one."
    )


class CheckpointReserved(BadRequest):
    """The names seed and empty are the server's own"""

    code = "checkpoint_reserved"
    hint = "Choose another name."
    about = "`seed` and `empty` are taken when the server starts, so that every test finds the same under them."


class FaultNotFound(NotFound):
    """There is no such fault"""

    code = "fault_not_found"
    hint = "GET /control/faults lists the rules, GET /control/scenarios the named sets."
    about = "No rule has this id, or no scenario this name."


class FaultInvalid(BadRequest):
    """The rule cannot be used"""

    code = "fault_invalid"
    hint = "docs/how-to/faults.md shows a rule of every kind."
    about = (
        "A rule says in `then` what happens, and matches either requests (operation, method, path, headers, location) "
        "or webhooks (event), each with what is possible for them."
    )


class LoggedRequestNotFound(NotFound):
    """The log holds no such request"""

    code = "logged_request_not_found"
    hint = "The log keeps the last 2,000 requests; GET /control/requests lists them."
    about = "No request with this trace id is in the log, or the server keeps none (`--request-log false`)."
