from magnus_tracking.errors import QueryError
from magnus_tracking.query import parse


def error_of(text):
    """Why a text is not a query, or None where it is one."""
    try:
        parse(text)
    except QueryError as error:
        return error
    return None
