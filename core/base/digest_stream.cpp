// SPDX-License-Identifier: MPL-2.0
#include "core/base/digest_stream.h"

#include <sodium.h>

namespace core {

struct Sha256::State {
  crypto_hash_sha256_state native;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { crypto_hash_sha256_init(&state_->native); }
Sha256::~Sha256() = default;

void Sha256::add(ByteView bytes) {
  crypto_hash_sha256_update(&state_->native, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

Bytes Sha256::take() {
  Bytes out(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256_final(&state_->native, reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

}  // namespace core
