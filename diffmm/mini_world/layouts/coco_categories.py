"""COCO's categories, and those of the mini world among them."""

from __future__ import annotations

_GROUPS = {
    'person': 'person:1',
    'vehicle': 'bicycle:2 car:3 motorcycle:4 airplane:5 bus:6 train:7 truck:8 boat:9',
    'outdoor': 'traffic_light:10 fire_hydrant:11 stop_sign:13 parking_meter:14 '
    'bench:15',
    'animal': 'bird:16 cat:17 dog:18 horse:19 sheep:20 cow:21 elephant:22 bear:23 '
    'zebra:24 giraffe:25',
    'accessory': 'backpack:27 umbrella:28 handbag:31 tie:32 suitcase:33',
    'sports': 'frisbee:34 skis:35 snowboard:36 sports_ball:37 kite:38 baseball_bat:39 '
    'baseball_glove:40 skateboard:41 surfboard:42 tennis_racket:43',
    'kitchen': 'bottle:44 wine_glass:46 cup:47 fork:48 knife:49 spoon:50 bowl:51',
    'food': 'banana:52 apple:53 sandwich:54 orange:55 broccoli:56 carrot:57 '
    'hot_dog:58 pizza:59 donut:60 cake:61',
    'furniture': 'chair:62 couch:63 potted_plant:64 bed:65 dining_table:67 toilet:70',
    'electronic': 'tv:72 laptop:73 mouse:74 remote:75 keyboard:76 cell_phone:77',
    'appliance': 'microwave:78 oven:79 toaster:80 sink:81 refrigerator:82',
    'indoor': 'book:84 clock:85 vase:86 scissors:87 teddy_bear:88 hair_drier:89 '
    'toothbrush:90',
}


def _categories() -> list[dict]:
    rows = []
    for group, text in _GROUPS.items():
        for entry in text.split():
            name, number = entry.split(':')
            name = name.replace('_', ' ')
            rows.append(dict(supercategory=group, id=int(number), name=name))
    return rows


# All 80: readers number the categories that a file lists, so a shorter list would
# shift every label.
CATEGORIES = _categories()

# COCO has no category for tree, house, lamp and box.
CATEGORY_IDS = {
    'person': 1,
    'car': 3,
    'boat': 9,
    'ball': 37,
    'bottle': 44,
    'chair': 62,
    'flower': 64,
    'clock': 85,
}

# Pairs of keypoint numbers, from one.
SKELETON = (
    (16, 14),
    (14, 12),
    (17, 15),
    (15, 13),
    (12, 13),
    (6, 12),
    (7, 13),
    (6, 7),
    (6, 8),
    (7, 9),
    (8, 10),
    (9, 11),
    (2, 3),
    (1, 2),
    (1, 3),
    (2, 4),
    (3, 5),
    (4, 6),
    (5, 7),
)
