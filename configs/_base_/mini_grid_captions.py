# What `mini` draws while it learns.
grid_captions = [
    'a tree and a house on the grass under a sky',
    'a red car on the grass under a cloudy sky',
    'a blue boat on the grass under a clear sky',
    'a large yellow house on the short grass under a sky',
    'a person and a ball on the tall grass under a sky',
    'a flower on the mown grass under a sky',
    'two trees and a car on the grass under a sky',
    'a person to the left of a tree on the grass',
    'a green chair on the wooden floor in front of a plain wall',
    'a lamp and a chair on the floor in front of a brick wall',
    'a bottle and a box on the tiled floor in front of a wall',
    'a purple clock on the floor in front of a papered wall',
    'a person and a lamp on the carpeted floor in front of a wall',
    'a large orange ball on the floor in front of a panelled wall',
    'two boxes on the wooden floor in front of a wall',
    'a white flower on the floor in front of a wall',
]
style_captions = [
    pattern.format(caption)
    for pattern in (
        '{}',
        'a dark night photo of {}',
        'a foggy photo of {}',
        'a watercolor painting of {}',
        'a comic style painting of {}',
        'a sketch of {}',
    )
    for caption in (
        'a tree and a house on the grass under a sky',
        'a red car on the grass under a cloudy sky',
        'a green chair on the wooden floor in front of a plain wall',
        'two boxes on the floor in front of a brick wall',
    )
]
