"""A runner test whose modules are registered only while it runs."""

from mmengine.testing import RunnerTestCase


class RegisteringTestCase(RunnerTestCase):
    """Registers ``modules``, pairs of a registry and a class, for each test."""

    modules = ()

    def setUp(self):
        super().setUp()
        for registry, module in self.modules:
            registry.register_module(module=module, force=True)

    def tearDown(self):
        super().tearDown()
        for registry, module in self.modules:
            registry.module_dict.pop(module.__name__, None)
