"""Writes weights/*.pth: the small networks of make_weights.py as torch.save 2.15.0 writes them.

    grey-5-3-3.pth             a state dictionary, an archive; -legacy: the older form
    grey-5-3-3-checkpoint.pth  under `state_dict`, names with `module.`, beside an optimiser's state
    grey-5-3-3-ema.pth         under `params_ema`, another network under `params`
    grey-5-3-3-model.pth       under `model`, the older form, without names that sort
    grey-5-3-3-strided.pth     kernels with the channels last, one storage for all biases
    grey-5-3-3-module.pth      a pickled module with zero padding; -module-legacy: replicated edges, the older form
    grey-5-3-3-scripted.pth    a scripted module; -scripted-main: of a class of the program that was run
    grey-5-3-3-protocol1.pth, -protocol4.pth   the older form in these protocols of pickles
    grey-5-3-3-torch.safetensors, -torch-half, -torch-bfloat16, -torch-double, -torch-prefix: state dictionaries as
                               safetensors.torch writes them, names in the order of the alphabet
    two-networks.pth           `model.` with grey-5-3-3 and `ema_model.` with other numbers, under `state_dict`
    grey-5-3-3-half.pth, -bfloat16.pth, -double.pth: and .safetensors with what torch's .float() makes of them
    rgb-3-1-3.pth              on RGB
    refused-*.pth              what no SRCNN is
"""

import pickle
import sys

import network
import torch
from fixture_files import out_folder, write_safetensors
from safetensors.torch import save_file

sys.modules["srcnn_fixture"] = sys.modules[__name__]


class Net(torch.nn.Module):
    __module__ = "srcnn_fixture"

    def __init__(self, mode: str = "zeros"):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 4, 5, padding=2, padding_mode=mode)
        self.conv2 = torch.nn.Conv2d(4, 3, 3, padding=1, padding_mode=mode)
        self.conv3 = torch.nn.Conv2d(3, 1, 3, padding=1, padding_mode=mode)
        self.relu = torch.nn.ReLU()

    def forward(self, x):
        return self.conv3(self.relu(self.conv2(self.relu(self.conv1(x)))))


def state(layers, names=("conv1", "conv2", "conv3"), prefix=""):
    named = {}
    for name, (weight, bias) in zip(names, layers, strict=True):
        named[f"{prefix}{name}.weight"] = torch.from_numpy(weight.copy())
        named[f"{prefix}{name}.bias"] = torch.from_numpy(bias.copy())
    return named


def filled(module, layers):
    module.load_state_dict(state(layers))
    return module


def main():
    out = out_folder(__doc__) / "weights"
    grey = network.random_layers(20150112, 1, ((5, 4), (3, 3), (3, 1)))
    rgb = network.random_layers(20150113, 3, ((3, 4), (1, 3), (3, 3)))
    other = network.random_layers(20150114, 1, ((5, 4), (3, 3), (3, 1)))

    def save(name, value, legacy=False):
        torch.save(value, out / f"{name}.pth", _use_new_zipfile_serialization=not legacy)

    save("grey-5-3-3", state(grey))
    save("grey-5-3-3-legacy", state(grey), legacy=True)
    save("rgb-3-1-3", state(rgb, ("patch_extraction", "nonlinear_map", "recon")))
    module = filled(Net(), grey)
    optimiser = torch.optim.Adam(module.parameters(), lr=0.0)
    module(torch.ones(1, 1, 9, 9)).sum().backward()
    optimiser.step()
    checkpoint = {"epoch": 7, "best_psnr": torch.tensor(32.5), "state_dict": state(grey, prefix="module.")}
    save("grey-5-3-3-checkpoint", checkpoint | {"optimizer": optimiser.state_dict()})
    save("grey-5-3-3-ema", {"params": state(other), "params_ema": state(grey)})
    save("grey-5-3-3-model", {"model": state(grey, ("second", "first", "third"), "net.")}, legacy=True)

    strided = state(grey)
    biases = torch.cat([torch.from_numpy(bias) for _, bias in grey])
    at = 0
    for name, value in strided.items():
        if value.ndim == 4:
            strided[name] = value.to(memory_format=torch.channels_last)
        else:
            strided[name] = biases[at : at + len(value)]
            at += len(value)
    save("grey-5-3-3-strided", strided)

    save("grey-5-3-3-module", filled(Net(), grey))
    save("grey-5-3-3-module-legacy", filled(Net("replicate"), grey), legacy=True)
    torch.jit.script(filled(Net(), grey)).save(out / "grey-5-3-3-scripted.pth")

    Net.__module__ = "__main__"
    torch.jit.script(filled(Net(), grey)).save(out / "grey-5-3-3-scripted-main.pth")
    Net.__module__ = "srcnn_fixture"
    frozen = torch.jit.freeze(torch.jit.script(filled(Net(), grey).eval()))
    frozen.save(out / "refused-frozen.pth")
    for protocol in (1, 4):
        path = out / f"grey-5-3-3-protocol{protocol}.pth"
        torch.save(state(grey), path, pickle_protocol=protocol, _use_new_zipfile_serialization=False)
    both = state(grey, prefix="model.") | state(other, prefix="ema_model.")
    save("two-networks", {"state_dict": both, "epoch": 3})
    save_file(state(grey), out / "grey-5-3-3-torch.safetensors")
    prefixed = state(grey, prefix="module._orig_mod.") | {"module.steps": torch.tensor(7)}
    save_file(prefixed, out / "grey-5-3-3-torch-prefix.safetensors", {"format": "pt", "scale": "a lot"})

    for name, dtype in (("half", torch.float16), ("bfloat16", torch.bfloat16), ("double", torch.float64)):
        named = {name: value.double().mul(1.1).to(dtype) for name, value in state(grey).items()}
        save(f"grey-5-3-3-{name}", named)
        save_file(named, out / f"grey-5-3-3-torch-{name}.safetensors", {"format": "pt"})
        layers = [(named[f"conv{n}.weight"].float().numpy(), named[f"conv{n}.bias"].float().numpy()) for n in (1, 2, 3)]
        write_safetensors(out / f"grey-5-3-3-{name}.safetensors", network.tensors(layers))

    torch.manual_seed(1)
    fsrcnn = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 5, padding=2), torch.nn.PReLU(4), torch.nn.ConvTranspose2d(4, 1, 9, stride=2, padding=4)
    )
    save("refused-fsrcnn", fsrcnn.state_dict())
    save("refused-fsrcnn-module", fsrcnn)
    save("refused-espcn", torch.nn.Sequential(torch.nn.Conv2d(1, 4, 5), torch.nn.Conv2d(4, 9, 3)).state_dict())
    save("refused-two", {"generator": state(grey), "critic": state(other)})
    (out / "refused-numpy.pth").write_bytes(pickle.dumps({"conv1.weight": grey[0][0]}, protocol=4))

    for path in sorted(out.glob("*.pth")):
        assert path.stat().st_size < 30_000, path
        if path.name != "refused-numpy.pth":
            torch.load(path, weights_only=False)


if __name__ == "__main__":
    main()
