"""TransNAS-Bench-101's object classification: which object the scene shows."""

from nascast.tasks.classification import Classification


class ClassObject(Classification):
    """The image set's own labels, which in made scenes name the object.

    The benchmark distils soft labels of 75 classes from a network; here the right class is known.
    """

    name = "class_object"
