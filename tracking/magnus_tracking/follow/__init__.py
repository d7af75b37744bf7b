"""What changed in a store since a moment ago: new runs, finished steps, tracked values."""

from magnus_tracking.follow.index_updates import keep_up
from magnus_tracking.follow.store_follower import Follower, Polling
from magnus_tracking.follow.store_presence import Presence

__all__ = ["Follower", "Polling", "Presence", "keep_up"]
