"""Operations as text: their descriptions, encoders of text, and the fine-tuning of an encoder."""
