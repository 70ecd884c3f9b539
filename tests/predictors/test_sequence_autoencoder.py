from __future__ import annotations

import torch
from torch import nn

from nascast.predictors.sequence_autoencoder import HIDDEN, START, Decoder, SequenceAutoencoder

TOKENS = torch.tensor([[2, 3, 1, 4, 0], [1, 3, 2, 4, 0]])


def test_states_and_codes_have_norm_one_and_every_token_counts() -> None:
    encoder = SequenceAutoencoder(5).encoder.eval()
    states, code, prediction = encoder(TOKENS)
    torch.testing.assert_close(states.norm(dim=2), torch.ones(2, 5))
    torch.testing.assert_close(code.norm(dim=1), torch.ones(2))
    assert prediction.shape == (2,)
    for place in range(5):
        changed = TOKENS.clone()
        changed[:, place] = (changed[:, place] + 1) % 5
        assert (encoder(changed)[2] != prediction).all()


def test_the_code_is_the_direction_of_the_mean_state() -> None:
    states, code, _ = SequenceAutoencoder(5).encoder.eval()(TOKENS)
    mean = sum(states[:, i] for i in range(5)) / 5
    torch.testing.assert_close(code, mean / mean.pow(2).sum(dim=1, keepdim=True).sqrt())


def test_a_token_is_guessed_from_those_before_it_alone() -> None:
    network = SequenceAutoencoder(5).eval()
    states, code, _ = network.encoder(TOKENS)
    logits = network.decoder(TOKENS, states, code)
    assert logits.shape == (2, 5, 5)
    for place in range(5):
        changed = TOKENS.clone()
        changed[:, place] = (changed[:, place] + 1) % 5
        other = network.decoder(changed, states, code)
        torch.testing.assert_close(other[:, : place + 1], logits[:, : place + 1])
        assert place == 4 or (other[:, place + 1] != logits[:, place + 1]).all()


def test_the_decoder_is_what_it_computes_step_by_step() -> None:
    decoder = Decoder(5).eval()
    states, code = torch.randn(1, 6, HIDDEN), torch.randn(1, HIDDEN)
    given = [START, *TOKENS[0, :-1].tolist()]
    memory = (code[None], code[None])
    expected = []
    for token in given:
        embedded = decoder.embedding.weight[token]
        output, memory = decoder.recurrent(embedded[None, None], memory)
        hidden = (embedded + output[0, 0]) * 0.5**0.5
        shares = (states[0] @ (decoder.question.weight @ hidden)).softmax(dim=0)
        mixed = torch.cat([shares @ states[0], hidden])
        combined = torch.tanh(decoder.combine.weight @ mixed)
        expected.append(decoder.out((hidden + combined) * 0.5**0.5))
    torch.testing.assert_close(decoder(TOKENS[:1], states, code)[0], torch.stack(expected))


def test_predictions_take_tokens_one_hot() -> None:
    network = SequenceAutoencoder(5).eval()
    one_hot = nn.functional.one_hot(TOKENS, 5).float()
    torch.testing.assert_close(network(one_hot), network.reconstruct(TOKENS)[0])
