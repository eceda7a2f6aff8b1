// Stands for optional native add-ons in the package's bundle: they are not there.
throw new Error('not part of the package')
