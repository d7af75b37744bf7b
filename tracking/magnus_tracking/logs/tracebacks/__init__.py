"""Finding tracebacks in what a step printed: plain Python's, rich's box, and IPython's."""

from magnus_tracking.logs.tracebacks.chains import Cause, cause_in, cause_of, find_chains
from magnus_tracking.logs.tracebacks.model import Chain, Frame, Raised
from magnus_tracking.logs.tracebacks.signature import mask, signature_of

__all__ = ["Cause", "Chain", "Frame", "Raised", "cause_in", "cause_of", "find_chains", "mask", "signature_of"]
