import cv2
import numpy as np
import pytest

from diffmm.utils.picture_file import check_picture, write_picture


def test_the_folder_is_made_and_channels_may_be_turned(tmp_path):
    rgb = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    path = tmp_path / 'a' / 'b.png'
    write_picture(path, rgb[..., ::-1])
    assert np.array_equal(cv2.imread(str(path)), rgb[..., ::-1])
    deep = np.array([[0, 65535]], np.uint16)
    write_picture(path, deep)
    assert np.array_equal(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), deep)


def test_another_kind_of_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match='cannot write .*a.txt: name it .png or .jpg'):
        write_picture(tmp_path / 'a.txt', np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(ValueError, match='cannot write .*a.txt: name it .png or .jpg'):
        check_picture(tmp_path / 'a.txt')
    check_picture(tmp_path / 'b' / 'a.png')
    assert not (tmp_path / 'b' / 'a.png').exists()
