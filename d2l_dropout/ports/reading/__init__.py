"""Files of strangers, read within bounds: .npz, .safetensors, .json."""
