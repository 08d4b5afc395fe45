"""Links of one sentence pair, found word by word."""

import math


def best(values):
    """The index of the highest value (ties: the first)."""
    return max(range(len(values)), key=lambda index: (values[index], -index))


def restated_mutual(similarity):
    m, n = similarity.shape
    links = set()
    for i in range(m):
        for j in range(n):
            if best(list(similarity[i])) == j and best(list(similarity[:, j])) == i:
                links.add((i, j))
    return links


def restated_probabilities(similarity, temperature):
    """Both directions' softmax and their geometric mean: three lists of lists, in float64."""
    m, n = similarity.shape
    weights = [
        [math.exp(float(similarity[i, j]) / temperature) for j in range(n)] for i in range(m)
    ]
    columns = [math.fsum(weights[i][j] for i in range(m)) for j in range(n)]
    forward = [[weight / math.fsum(row) for weight in row] for row in weights]
    backward = [[weight / columns[j] for j, weight in enumerate(row)] for row in weights]
    both = [[math.sqrt(forward[i][j] * backward[i][j]) for j in range(n)] for i in range(m)]
    return forward, backward, both


def restated_softmax(similarity, temperature, threshold):
    forward, backward, _ = restated_probabilities(similarity, temperature)
    m, n = similarity.shape
    return {
        (i, j)
        for i in range(m)
        for j in range(n)
        if forward[i][j] > threshold and backward[i][j] > threshold
    }
