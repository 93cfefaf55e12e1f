"""
Debian 12's azure-cli 2.45 is shipped with SDK modules of other versions than it was written for, so that `az vm`,
`az network` and `az role` fail before they send anything, also against Azure itself. On PYTHONPATH, this file makes the
two fit: three modules are changed as they are imported. It knows nothing of any server, and must not.
"""
import importlib.abc
import importlib.util
import sys


def repair_profiles(module):
    """The SDKs of Compute and Network lack the newest API versions that the command line asks for."""
    latest = module.AZURE_API_PROFILES["latest"]
    compute = latest[module.ResourceType.MGMT_COMPUTE]
    compute.profile[None] = "2022-08-01"
    compute.profile["virtual_machine_scale_sets"] = "2022-08-01"
    latest[module.ResourceType.MGMT_NETWORK] = "2022-07-01"


def repair_operations(module):
    """`config` was renamed to `_config`."""
    for name in ("RoleAssignmentsOperations", "RoleDefinitionsOperations"):
        operations = getattr(module, name, None)
        if operations is not None:
            operations.config = property(lambda self: self._config)


REPAIRS = {
    "azure.cli.core.profiles._shared": repair_profiles,
    "azure.mgmt.authorization.v2020_04_01_preview.operations": repair_operations,
    "azure.mgmt.authorization.v2018_01_01_preview.operations": repair_operations,
}


class Repairing(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Lets the usual finders find, and repairs what their loader has loaded."""

    def __init__(self):
        self.loaders = {}

    def find_spec(self, fullname, path, target=None):
        if fullname not in REPAIRS or fullname in self.loaders:
            return None
        self.loaders[fullname] = None
        spec = importlib.util.find_spec(fullname)
        self.loaders[fullname] = spec.loader
        spec.loader = self
        return spec

    def create_module(self, spec):
        return self.loaders[spec.name].create_module(spec)

    def exec_module(self, module):
        name = module.__spec__.name
        self.loaders[name].exec_module(module)
        REPAIRS[name](module)


sys.meta_path.insert(0, Repairing())
