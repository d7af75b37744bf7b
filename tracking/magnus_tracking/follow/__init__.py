"""What changed in a store since a moment ago: new runs, finished steps, tracked values."""

from magnus_tracking.follow.follower import Follower, Polling
from magnus_tracking.follow.keeping_up import keep_up
from magnus_tracking.follow.presence import Presence

__all__ = ["Follower", "Polling", "Presence", "keep_up"]
