// SPDX-License-Identifier: MPL-2.0
#include "net/http/responder.h"

#include <utility>

#include "core/base/assert.h"
#include "net/http/connection.h"

namespace net::http {

void Responder::send(Response response) const {
  if (exchange_->connection == nullptr) return;
  ASSERT(!exchange_->streaming);
  const auto hold = exchange_;  // the callbacks that end with the exchange may hold this very responder
  hold->connection->send(*hold, std::move(response));
}

void Responder::start(Response head) const {
  if (exchange_->connection == nullptr) return;
  ASSERT(!exchange_->streaming);
  exchange_->connection->start(*exchange_, std::move(head));
}

bool Responder::write(core::Bytes piece) const {
  if (exchange_->connection == nullptr) return false;
  ASSERT(exchange_->streaming);
  return exchange_->connection->write(*exchange_, std::move(piece));
}

void Responder::finish() const {
  if (exchange_->connection == nullptr) return;
  ASSERT(exchange_->streaming);
  const auto hold = exchange_;
  hold->connection->finish(*hold);
}

void Responder::on_drained(std::function<void()> fn) const {
  if (exchange_->connection != nullptr) exchange_->on_drained = std::move(fn);
}

void Responder::upgrade(Response head, TakeOver take_over) const {
  if (exchange_->connection == nullptr) return;
  ASSERT(!exchange_->streaming);
  const auto hold = exchange_;
  hold->connection->upgrade(*hold, std::move(head), std::move(take_over));
}

void Responder::on_gone(std::function<void()> fn) const {
  if (exchange_->connection != nullptr && !exchange_->gone) exchange_->on_gone = std::move(fn);
}

bool Responder::gone() const { return exchange_->gone; }

}  // namespace net::http
