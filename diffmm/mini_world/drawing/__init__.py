"""Drawing: pictures, masks, depth, keypoints and styles of a scene."""
