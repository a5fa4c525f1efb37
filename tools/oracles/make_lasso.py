"""Writes lasso.json: the least objectives of 1,000 sparse coding problems, by scikit-learn's coordinate descent.

Made with scikit-learn 1.9.1 (sklearn.linear_model.Lasso) and numpy 2.4.6.

The objective is |x - D w|^2 / 2 + lambda |w|_1. The problems are not stored: problem `i` is drawn from SplitMix64 with
the seed `i`, `unit` being its uniform number in 0 .. 1 (53 bits), one number after the other in this order:
    length    5 + floor(36 unit)
    atoms     5 + floor(76 unit)
    lambda    share = 0.01 + 0.89 unit, times the largest |D' x| of what follows
    D         atom after atom; each begins with `alike = unit`, then `length` numbers `2 unit - 1`; if alike < 0.2 and it is
              not the first, these are multiplied by 0.1 and the atom before it is added
    x         `length` numbers `2 unit - 1`
Each row: the objective, and how many weights are not zero. scikit-learn's duality gap is at most 2e-10 of the objective of
w = 0, so that the objective is as close to the least one.
"""

import pathlib

import numpy as np
import sklearn
from fixture_files import out_folder, write_json
from sklearn.linear_model import Lasso

assert sklearn.__version__ == "1.9.1", sklearn.__version__
assert np.__version__ == "2.4.6", np.__version__

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "crates" / "srcnn-eval" / "tests" / "fixtures"
PROBLEMS = 1000
WORD = (1 << 64) - 1


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & WORD
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & WORD
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & WORD
        return z ^ (z >> 31)

    def unit(self):
        return (self.next() >> 11) / (1 << 53)


def problem(seed):
    random = SplitMix64(seed)
    length = 5 + int(36 * random.unit())
    atoms = 5 + int(76 * random.unit())
    share = 0.01 + 0.89 * random.unit()
    dictionary = np.empty((length, atoms))
    for atom in range(atoms):
        alike = random.unit()
        column = np.array([2 * random.unit() - 1 for _ in range(length)])
        if alike < 0.2 and atom > 0:
            column = 0.1 * column + dictionary[:, atom - 1]
        dictionary[:, atom] = column
    x = np.array([2 * random.unit() - 1 for _ in range(length)])
    return dictionary, x, share * np.abs(dictionary.T @ x).max()


def main():
    out = out_folder(__doc__, FOLDER)
    rows, worst = [], 0.0
    for seed in range(PROBLEMS):
        dictionary, x, weight = problem(seed)
        # scikit-learn divides the squares by the number of samples
        model = Lasso(alpha=weight / len(x), fit_intercept=False, tol=1e-10, max_iter=10_000_000)
        model.fit(dictionary, x)
        w = model.coef_
        objective = 0.5 * np.sum((x - dictionary @ w) ** 2) + weight * np.abs(w).sum()
        gap = model.dual_gap_ * len(x) / (0.5 * np.sum(x**2))
        assert -1e-12 <= gap <= 2.1e-10, gap
        worst = max(worst, gap)
        rows.append([float(objective), int(np.count_nonzero(w))])
    versions = {"scikit-learn": sklearn.__version__, "numpy": np.__version__}
    write_json(out / "lasso.json", versions, problems=rows)
    print(f"{len(rows)} problems, duality gap at most {worst:.1e}")


if __name__ == "__main__":
    main()
