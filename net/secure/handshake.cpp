// SPDX-License-Identifier: MPL-2.0
#include "net/secure/handshake.h"

#include <initializer_list>

#include "net/secure/channel_state.h"

namespace net::secure {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kPublicBytes = crypto_kx_PUBLICKEYBYTES;
constexpr std::size_t kHeaderBytes = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t kProofBytes = 32;
constexpr std::size_t kFirstBytes = 1 + kPublicBytes + kProofBytes;
constexpr std::size_t kSecondBytes = kPublicBytes + kHeaderBytes + kProofBytes;
constexpr std::size_t kThirdBytes = kHeaderBytes + kProofBytes;

// BLAKE2b of the parts under the key; each part is preceded by its length, so that parts cannot shift.
core::Bytes keyed_hash(const unsigned char* key, std::initializer_list<core::ByteView> parts) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, key, kKeyBytes, kProofBytes);
  for (const auto part : parts) {
    const auto size = static_cast<std::uint32_t>(part.size());
    const unsigned char length[4] = {static_cast<unsigned char>(size), static_cast<unsigned char>(size >> 8), static_cast<unsigned char>(size >> 16),
                                     static_cast<unsigned char>(size >> 24)};
    crypto_generichash_update(&state, length, sizeof length);
    crypto_generichash_update(&state, bytes_of(part), part.size());
  }
  core::Bytes out(kProofBytes, '\0');
  crypto_generichash_final(&state, bytes_of(out), out.size());
  return out;
}

core::ByteView view_of(const unsigned char* at, std::size_t n) { return {reinterpret_cast<const char*>(at), n}; }

}  // namespace

struct Handshake::State {
  enum class Step { start, awaiting_first, awaiting_second, awaiting_third, done, failed };

  Side side;
  Keyring keys;
  core::Bytes context;
  Step step;
  std::optional<Key> agreed;
  unsigned char own_public[crypto_kx_PUBLICKEYBYTES];
  unsigned char own_secret[crypto_kx_SECRETKEYBYTES];
  unsigned char receive_key[crypto_kx_SESSIONKEYBYTES];
  unsigned char send_key[crypto_kx_SESSIONKEYBYTES];
  core::Bytes first;       // as sent or received
  core::Bytes transcript;  // hash of everything up to the second message's header
  std::unique_ptr<Channel::State> channel = std::make_unique<Channel::State>();

  State(Side s, const Keyring& k, std::string_view c)
      : side(s), keys(k), context(c), step(s == Side::initiator ? Step::start : Step::awaiting_first) {
    random_seed();  // makes sure libsodium is ready
    crypto_kx_keypair(own_public, own_secret);
  }
  ~State() {
    sodium_memzero(own_secret, sizeof own_secret);
    sodium_memzero(receive_key, sizeof receive_key);
    sodium_memzero(send_key, sizeof send_key);
  }

  core::Error fail(core::Errc code, std::string_view why) {
    step = Step::failed;
    return {code, std::string(why)};
  }
  core::Bytes first_proof(const Key& key, core::ByteView version_and_public) const {
    return keyed_hash(key.data(), {"nomad handshake first", context, version_and_public});
  }
  // The session's keys hang on the exchange, the cluster key and everything said so far.
  bool derive(const Key& cluster, core::ByteView second_head) {
    const auto theirs = bytes_of(side == Side::initiator ? second_head : core::ByteView(first).substr(1, kPublicBytes));
    const int status = side == Side::initiator ? crypto_kx_client_session_keys(receive_key, send_key, own_public, own_secret, theirs)
                                               : crypto_kx_server_session_keys(receive_key, send_key, own_public, own_secret, theirs);
    if (status != 0) return false;  // a public key that gives the same secret to everybody
    transcript = keyed_hash(cluster.data(), {"nomad handshake transcript", context, first, second_head});
    for (auto* key : {receive_key, send_key}) {
      auto mixed = keyed_hash(key, {"nomad session key", transcript});
      std::copy(mixed.begin(), mixed.end(), key);
      sodium_memzero(mixed.data(), mixed.size());
    }
    return true;
  }
  core::Bytes confirm(const unsigned char* key, std::string_view which, core::ByteView header) const { return keyed_hash(key, {which, transcript, header}); }
  bool opens(core::ByteView header) {
    return crypto_secretstream_xchacha20poly1305_init_pull(&channel->in, bytes_of(header), receive_key) == 0;
  }
  core::Bytes make_header() {
    core::Bytes header(kHeaderBytes, '\0');
    crypto_secretstream_xchacha20poly1305_init_push(&channel->out, bytes_of(header), send_key);
    return header;
  }

  core::Result<core::Bytes> on_first(core::ByteView message);
  core::Result<core::Bytes> on_second(core::ByteView message);
  core::Result<core::Bytes> on_third(core::ByteView message);
};

core::Result<core::Bytes> Handshake::State::on_first(core::ByteView message) {
  if (message.size() != kFirstBytes) return fail(core::Errc::corrupt, "handshake message of a wrong size");
  if (message[0] != kVersion) return fail(core::Errc::unsupported, "handshake of another version");
  first = message;
  const auto proof = message.substr(1 + kPublicBytes);
  for (const auto& key : keys.keys())
    if (same_secret(first_proof(key, message.substr(0, 1 + kPublicBytes)), proof)) agreed = key;
  if (!agreed) return fail(core::Errc::denied, "peer does not know our cluster key");
  if (!derive(*agreed, view_of(own_public, kPublicBytes))) return fail(core::Errc::denied, "peer sent a degenerate public key");
  const auto header = make_header();
  step = Step::awaiting_third;
  return core::Bytes(view_of(own_public, kPublicBytes)) + header + confirm(send_key, "second", header);
}

core::Result<core::Bytes> Handshake::State::on_second(core::ByteView message) {
  if (message.size() != kSecondBytes) return fail(core::Errc::corrupt, "handshake message of a wrong size");
  const auto header = message.substr(kPublicBytes, kHeaderBytes);
  if (!derive(keys.primary(), message.substr(0, kPublicBytes))) return fail(core::Errc::denied, "peer sent a degenerate public key");
  if (!same_secret(confirm(receive_key, "second", header), message.substr(kPublicBytes + kHeaderBytes)) || !opens(header))
    return fail(core::Errc::denied, "peer does not know our cluster key");
  const auto own_header = make_header();
  agreed = keys.primary();
  step = Step::done;
  return own_header + confirm(send_key, "third", own_header);
}

core::Result<core::Bytes> Handshake::State::on_third(core::ByteView message) {
  if (message.size() != kThirdBytes) return fail(core::Errc::corrupt, "handshake message of a wrong size");
  const auto header = message.substr(0, kHeaderBytes);
  if (!same_secret(confirm(receive_key, "third", header), message.substr(kHeaderBytes)) || !opens(header))
    return fail(core::Errc::denied, "peer does not know our cluster key");
  step = Step::done;
  return core::Bytes{};
}

Handshake::Handshake(Side side, const Keyring& keys, std::string_view context) : state_(std::make_unique<State>(side, keys, context)) {}
Handshake::Handshake(Handshake&&) noexcept = default;
Handshake::~Handshake() = default;

core::Bytes Handshake::start() {
  ASSERT(state_->step == State::Step::start);
  state_->first = core::Bytes(1, kVersion) + core::Bytes(view_of(state_->own_public, kPublicBytes));
  state_->first += state_->first_proof(state_->keys.primary(), core::Bytes(state_->first));
  state_->step = State::Step::awaiting_second;
  return state_->first;
}

core::Result<core::Bytes> Handshake::receive(core::ByteView message) {
  switch (state_->step) {
    case State::Step::awaiting_first: return state_->on_first(message);
    case State::Step::awaiting_second: return state_->on_second(message);
    case State::Step::awaiting_third: return state_->on_third(message);
    case State::Step::start:
    case State::Step::done:
    case State::Step::failed: return state_->fail(core::Errc::corrupt, "handshake message out of turn");
  }
  UNREACHABLE();
}

bool Handshake::done() const { return state_->step == State::Step::done; }
const Key& Handshake::agreed() const {
  ASSERT(done());
  return *state_->agreed;
}
Channel Handshake::take_channel() {
  ASSERT(done());
  ASSERT(state_->channel != nullptr);
  return Channel(std::move(state_->channel));
}

}  // namespace net::secure
