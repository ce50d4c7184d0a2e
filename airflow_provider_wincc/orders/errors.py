"""How a handoff can end other than well, each with what the tags said."""

from __future__ import annotations

from airflow_provider_wincc.client.errors import WinCCError


class OrderError(WinCCError):
    """Base of the errors of an order's handoff.

    Its message names the order and the unit, and says what the unit's tags showed.
    """


class OrderRefusedError(OrderError):
    """The unit does not accept the order. It was not started, and offering the same again gives the same answer."""

    default_hint = (
        "Correct the order in the ERP and release it under a higher revision, or correct what the unit knows "
        "(recipe, limits). The same revision is not offered again."
    )


class OrderAbortedError(OrderError):
    """The unit aborted the order."""

    default_hint = (
        "Look at the unit for the reason. What was produced stands in the result. To make the rest, release a new "
        "order."
    )


class OrderUnsuccessfulError(OrderError):
    """The order ended, and the unit or the given condition says that it was not successful."""

    default_hint = (
        "Look at the result: the order ran and has ended, for example because somebody stopped it. To make the rest, "
        "release a new order."
    )


class OrderOutcomeUnknownError(OrderError):
    """The order may have run, and nobody can tell from the tags. Nothing is sent any more; a person decides."""

    default_hint = (
        "Find out at the unit whether the order ran. If it did, confirm it in the ERP by hand; if it certainly did "
        "not, release it under a new order id. Do not simply run the task again."
    )


class OrderPayloadMismatchError(OrderError):
    """The unit holds or ran an order of this id whose parameters or revision are not ours."""

    default_hint = (
        "Two orders share one id, the ERP changed the order after it was handed over, or another program wrote the "
        "order's tags. Cancel what the unit holds there, and release the order under an id or revision of its own."
    )


class OrderTakenOverError(OrderError):
    """Another attempt at the same order has begun meanwhile; this one writes nothing any more."""

    retryable = True
    default_hint = "Nothing is wrong with the plant: the newer attempt goes on. This one may be run again and joins it."


class OrderTaskEndedError(OrderError):
    """The task was told to end: by a person, or because its worker is shut down. It sends nothing any more.

    Its message says what of the order was sent, and what was sent to end it.
    """

    retryable = True
    default_hint = (
        "If a person ended the task, look at what the unit holds. If its worker was shut down, a retry looks at the "
        "unit first and goes on where it stands."
    )


class OrderUnitError(OrderError):
    """The unit shows something that the tag map does not know, such as a state without a meaning."""

    default_hint = "Correct the tag map of the task (states, tags, profile), or the program of the unit."


class OrderTimeoutError(OrderError):
    """The unit did not come to the next step in time.

    ``step`` names what was waited for.
    """

    retryable = True
    default_hint = "Look at what the unit shows. A retry looks at the unit first and goes on where it stands."
    step: str = ""
