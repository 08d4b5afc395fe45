"""Links of one sentence pair, found word by word."""


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
