"""Writes families/*.safetensors: state dictionaries of small networks of published families as safetensors.torch 0.8.0 writes them, and in
families/results what PyTorch 2.15.0 computes with them in double precision (`input`, `output`); in families/onnx the same networks as its
exporters write them, and for some in families/ncnn as pnnx 20261020 writes them; by TorchScript or (compact-x2, edsr-x3, fsrcnn-x3, vdsr) by torch.export.

SRVGGNetCompact, RRDBNet and DnCNN are spandrel's 0.4.2; the others have the layers and names of yjn870's (FSRCNN, ESPCN, AR-CNN), twtygqyy's
(VDSR) and the authors' (EDSR) programs.
"""

import pathlib
import subprocess
import sys
import tempfile

import torch
from fixture_files import out_folder, write_safetensors
from safetensors.torch import save_file
from spandrel.architectures.Compact.__arch.SRVGG import SRVGGNetCompact
from spandrel.architectures.DnCNN import DnCNN
from spandrel.architectures.ESRGAN.__arch import RRDB
from torch import nn

WIDTH, HEIGHT = 14, 10


def rrdb(**arguments):
    """an RRDBNet of few channels; spandrel's has dense layers of 32"""
    block = RRDB.B.RRDB
    RRDB.B.RRDB = lambda **given: block(**{**given, "gc": 4})
    network = RRDB.RRDBNet(num_filters=8, num_blocks=2, **arguments)
    RRDB.B.RRDB = block
    *_, last = (layer for layer in network.modules() if isinstance(layer, nn.Conv2d))
    last.weight.data *= 1 / last.weight.std()
    return network


def conv(inputs, outputs, kernel=3, bias=True):
    return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=bias)


class Fsrcnn(nn.Module):
    def __init__(self, scale, wide=8, narrow=4, layers=2):
        super().__init__()
        self.first_part = nn.Sequential(conv(1, wide, 5), nn.PReLU(wide))
        middle = [conv(wide, narrow, 1), nn.PReLU(narrow)]
        for _ in range(layers):
            middle += [conv(narrow, narrow), nn.PReLU(narrow)]
        self.mid_part = nn.Sequential(*middle, conv(narrow, wide, 1), nn.PReLU(wide))
        self.last_part = nn.ConvTranspose2d(wide, 1, 9, scale, 4, scale - 1)

    def forward(self, x):
        return self.last_part(self.mid_part(self.first_part(x)))


class Espcn(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.first_part = nn.Sequential(conv(1, 6, 5), nn.Tanh(), conv(6, 4), nn.Tanh())
        self.last_part = nn.Sequential(conv(4, scale**2), nn.PixelShuffle(scale))

    def forward(self, x):
        return self.last_part(self.first_part(x))


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = conv(channels, channels, bias=False)

    def forward(self, x):
        return torch.relu(self.conv(x))


class Vdsr(nn.Module):
    def __init__(self):
        super().__init__()
        self.residual_layer = nn.Sequential(*[Block(5) for _ in range(3)])
        self.input, self.output = conv(1, 5, bias=False), conv(5, 1, bias=False)

    def forward(self, x):
        return x + self.output(self.residual_layer(torch.relu(self.input(x))))


class Arcnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.base = nn.Sequential(conv(3, 6, 9), nn.PReLU(), conv(6, 4, 7), nn.PReLU(), conv(4, 3, 1), nn.PReLU())
        self.last = conv(3, 3, 5)

    def forward(self, x):
        return self.last(self.base(x))


class MeanShift(nn.Conv2d):
    def __init__(self, sign):
        super().__init__(3, 3, 1)
        self.weight.data = torch.eye(3)[:, :, None, None]
        self.bias.data = sign * 255 * torch.tensor([0.4488, 0.4371, 0.4040])


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(conv(channels, channels), nn.ReLU(), conv(channels, channels))

    def forward(self, x):
        return x + self.body(x)


class Edsr(nn.Module):
    def __init__(self, steps, channels=6):
        super().__init__()
        self.sub_mean, self.add_mean = MeanShift(-1), MeanShift(1)
        self.head = nn.Sequential(conv(3, channels))
        self.body = nn.Sequential(Residual(channels), Residual(channels), conv(channels, channels))
        layers = [layer for s in steps for layer in (conv(channels, channels * s**2), nn.PixelShuffle(s))]
        self.tail = nn.Sequential(nn.Sequential(*layers), conv(channels, 3))

    def forward(self, x):
        head = self.head(self.sub_mean(255 * x))
        return self.add_mean(self.tail(self.body(head) + head)) / 255


def newer_names(state):
    """ESRGAN's tensors as Real-ESRGAN and BasicSR name them"""
    parts = {"model.0": "conv_first", "model.3": "conv_up1", "model.6": "conv_up2", "model.8": "conv_hr", "model.10": "conv_last"}
    named = {}
    for name, tensor in state.items():
        stem, kind = name.rsplit(".", 1)
        if "RDB" in stem:
            stem = stem.replace("model.1.sub.", "body.").replace("RDB", "rdb").removesuffix(".0")
        elif stem.startswith("model.1.sub."):
            stem = "conv_body"
        else:
            stem = parts[stem]
        named[f"{stem}.{kind}"] = tensor
    return named


def export(network, x, path, dynamo):
    """ONNX by one of PyTorch's exporters, sides free, values in the file"""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = {"input_names": ["input"], "output_names": ["output"]}
    if dynamo:
        sides = {2: torch.export.Dim("height", min=4, max=4096), 3: torch.export.Dim("width", min=4, max=4096)}
        program = torch.onnx.export(network.eval(), (x,), dynamo=True, opset_version=18, dynamic_shapes=(sides,), verbose=False, **names)
        program.save(path, external_data=False)
    else:
        sides = {"input": {2: "height", 3: "width"}}
        torch.onnx.export(network.eval(), (x,), path, dynamo=False, opset_version=17, dynamic_axes=sides, **names)


def to_ncnn(network, x, folder, name):
    """ncnn's pair of files by pnnx"""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        torch.jit.trace(network.eval(), x).save(f"{work}/net.pt")
        sides = ",".join(map(str, x.shape))
        pnnx = pathlib.Path(sys.executable).parent / "pnnx"
        subprocess.run([pnnx, "net.pt", f"inputshape=[{sides}]", "fp16=0"], cwd=work, check=True, capture_output=True)
        for kind in ("param", "bin"):
            (folder / f"{name}.{kind}").write_bytes(pathlib.Path(work, f"net.ncnn.{kind}").read_bytes())


def main():
    out = out_folder(__doc__) / "families"
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(20160801)
    networks = {
        "fsrcnn-x3": (Fsrcnn(3), 1),
        "espcn-x3": (Espcn(3), 1),
        "vdsr": (Vdsr(), 1),
        "dncnn": (DnCNN(nc=4, nb=15, act_mode="R"), 1),
        "arcnn": (Arcnn(), 3),
        "compact-x4": (SRVGGNetCompact(num_feat=6, num_conv=3, upscale=4), 3),
        "compact-x2": (SRVGGNetCompact(num_feat=5, num_conv=2, upscale=2), 3),
        "esrgan-x4": (rrdb(), 3),
        "rrdb-x2": (rrdb(in_nc=12, shuffle_factor=2, scale=4), 3),
        "edsr-x4": (Edsr([2, 2]), 3),
        "edsr-x3": (Edsr([3]), 3),
    }
    for name, (network, channels) in networks.items():
        network.requires_grad_(False)
        # Results within the range, as those of trained networks.
        *_, last = (layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d))
        if last.bias is not None and name.startswith(("fsrcnn", "espcn", "esrgan", "rrdb")):
            last.bias[:] = 0.5
        x = torch.rand(1, channels, HEIGHT, WIDTH)
        state = network.state_dict()
        if name.startswith("rrdb"):
            state = newer_names(state)
        # Half of the numbers are enough for half of the file, and are what many files hold.
        state = {key: value.half() for key, value in state.items()} if "rrdb" in name or "esrgan" in name else state
        save_file({key: value.contiguous() for key, value in state.items()}, out / f"{name}.safetensors")
        network.load_state_dict({k: v.float() for k, v in zip(network.state_dict(), state.values(), strict=True)})
        output = network.double()(x.double())
        # Without the padding to even sides, which is computed of what goes in.
        plain = nn.Sequential(nn.PixelUnshuffle(2), network.model) if name.startswith("rrdb") else network
        export(plain.float(), x, out / "onnx" / f"{name}.onnx", dynamo=name in ("compact-x2", "edsr-x3", "fsrcnn-x3", "vdsr"))
        if name in ("fsrcnn-x3", "espcn-x3", "arcnn", "compact-x2", "esrgan-x4"):
            to_ncnn(plain, x, out / "ncnn", name)
        results = {"input": x[0].numpy(), "output": output[0].contiguous().numpy()}
        write_safetensors(out / "results" / f"{name}.safetensors", results)
        print(name, tuple(x.shape), tuple(output.shape))


if __name__ == "__main__":
    main()
