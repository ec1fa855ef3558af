import logging

from mmengine.logging import MMLogger

from diffmm.utils.init_report import without_init_report


def test_the_level_comes_back():
    logger = MMLogger.get_current_instance()
    level = logger.level
    try:
        with without_init_report():
            assert not logger.isEnabledFor(logging.INFO)
            raise ValueError
    except ValueError:
        assert logger.level == level
