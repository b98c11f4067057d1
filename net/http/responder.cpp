// SPDX-License-Identifier: MPL-2.0
#include "net/http/responder.h"

#include <utility>

#include "core/base/assert.h"
#include "net/http/exchange.h"

namespace net::http {

Exchange::~Exchange() {
  if (carrier != nullptr) carrier->abandon(*this);
}

// The callbacks may hold the last responder, and with it this: they go last.
void Exchange::end() {
  carrier = nullptr;
  const auto dropped_gone = std::exchange(on_gone, nullptr);
  const auto dropped_drained = std::exchange(on_drained, nullptr);
}

void Exchange::lose() {
  carrier = nullptr;
  gone = true;
  const auto dropped_drained = std::exchange(on_drained, nullptr);
  const auto tell = std::exchange(on_gone, nullptr);
  if (tell) tell();
}

void Responder::send(Response response) const {
  if (exchange_->carrier == nullptr) return;
  ASSERT(!exchange_->streaming);
  const auto hold = exchange_;  // the callbacks that end with the exchange may hold this very responder
  hold->carrier->send(*hold, std::move(response));
}

void Responder::start(Response head) const {
  if (exchange_->carrier == nullptr) return;
  ASSERT(!exchange_->streaming);
  exchange_->carrier->start(*exchange_, std::move(head));
}

bool Responder::write(core::Bytes piece) const {
  if (exchange_->carrier == nullptr) return false;
  ASSERT(exchange_->streaming);
  return exchange_->carrier->write(*exchange_, std::move(piece));
}

void Responder::finish() const {
  if (exchange_->carrier == nullptr) return;
  ASSERT(exchange_->streaming);
  const auto hold = exchange_;
  hold->carrier->finish(*hold);
}

void Responder::on_drained(std::function<void()> fn) const {
  if (exchange_->carrier != nullptr) exchange_->on_drained = std::move(fn);
}

void Responder::upgrade(Response head, TakeOver take_over) const {
  if (exchange_->carrier == nullptr) return;
  ASSERT(!exchange_->streaming);
  const auto hold = exchange_;
  hold->carrier->upgrade(*hold, std::move(head), std::move(take_over));
}

void Responder::on_gone(std::function<void()> fn) const {
  if (exchange_->carrier != nullptr && !exchange_->gone) exchange_->on_gone = std::move(fn);
}

bool Responder::gone() const { return exchange_->gone; }

}  // namespace net::http
