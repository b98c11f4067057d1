// SPDX-License-Identifier: MPL-2.0
// An ordered set of shared immutable items with snapshots in constant time: a B+ tree whose nodes are
// copied before the first change after a snapshot, and changed in place from then on. Items carry their
// key; Order says which part it is:
//   struct Order { using Key = ...; static Key key(const T&); static std::string_view head(const Key&); };
// Key compares with <=> and head() is its first component, of which 8 bytes are kept beside the pointer,
// so that most comparisons never touch the item.
//
// One thread writes. A View may be read on any thread for as long as it lives: nodes that a view can
// reach belong to an older generation, and those are never written again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/assert.h"

namespace core::model {

template <class T, class Order>
class CowSet {
  struct Node;

 public:
  using Item = std::shared_ptr<const T>;
  using Key = typename Order::Key;

  class View {
   public:
    using Item = typename CowSet::Item;
    using Key = typename CowSet::Key;

    // Null if there is none.
    Item find(const Key& key) const;
    // Calls visit(item) in order from the first item not below `from`, as long as it returns true.
    template <class Visit>
    void scan(const Key& from, Visit&& visit) const {
      if (root_) scan_node(*root_, &from, visit);
    }
    template <class Visit>
    void each(Visit&& visit) const {
      const auto all = [&](const Item& item) {
        visit(item);
        return true;
      };
      if (root_) scan_node(*root_, nullptr, all);
    }
    std::size_t size() const { return size_; }

   private:
    friend CowSet;
    std::shared_ptr<Node> root_;
    std::size_t size_ = 0;
  };

  CowSet() = default;
  CowSet(const CowSet&) = delete;
  CowSet& operator=(const CowSet&) = delete;

  // Adds the item, or puts it in place of the one with the same key.
  void put(Item item);
  // False if there was none.
  bool erase(const Key& key);
  // As it is now; later changes do not show in it.
  View snapshot() {
    ++generation_;
    return view_;
  }
  // As it is at any time, for the writer.
  const View& now() const { return view_; }

 private:
  static constexpr std::size_t kSlots = 64;      // in a node, at most
  static constexpr std::size_t kSparse = 16;     // below this a node is merged with a neighbour if it fits

  struct Slot {  // an item of a leaf, or the first item below a child
    std::uint64_t head;
    Item item;
  };
  struct Node {
    std::uint64_t generation;
    std::vector<Slot> slots;
    std::vector<std::shared_ptr<Node>> children;  // one a slot; none in a leaf
    bool leaf() const { return children.empty(); }
  };
  using NodePtr = std::shared_ptr<Node>;

  static std::uint64_t head_of(const Key& key);
  static bool below(const Slot& slot, std::uint64_t head, const Key& key);
  static std::size_t lower_bound(const Node& node, std::uint64_t head, const Key& key);
  static std::size_t child_for(const Node& node, std::uint64_t head, const Key& key);
  static bool matches(const Node& leaf, std::size_t i, std::uint64_t head, const Key& key);
  template <class Visit>
  static bool scan_node(const Node& node, const Key* from, Visit&& visit);

  void own(NodePtr& node);
  NodePtr put_below(NodePtr& node, Slot& slot, const Key& key);
  NodePtr split(Node& node, bool appended);
  bool erase_below(NodePtr& node, std::uint64_t head, const Key& key);
  void mend(Node& parent, std::size_t i);

  View view_;
  std::uint64_t generation_ = 0;
};

// ---- reading ---------------------------------------------------------------------------------

template <class T, class Order>
std::uint64_t CowSet<T, Order>::head_of(const Key& key) {
  const std::string_view text = Order::head(key);
  std::uint64_t head = 0;  // big-endian, so that numbers order as the text does
  for (std::size_t i = 0; i < sizeof head; ++i)
    head = head << 8 | (i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0);
  return head;
}

template <class T, class Order>
bool CowSet<T, Order>::below(const Slot& slot, std::uint64_t head, const Key& key) {
  return slot.head != head ? slot.head < head : Order::key(*slot.item) < key;
}

template <class T, class Order>
std::size_t CowSet<T, Order>::lower_bound(const Node& node, std::uint64_t head, const Key& key) {
  std::size_t low = 0, high = node.slots.size();
  while (low < high) {
    const auto middle = (low + high) / 2;
    if (below(node.slots[middle], head, key)) low = middle + 1;
    else high = middle;
  }
  return low;
}

template <class T, class Order>
bool CowSet<T, Order>::matches(const Node& node, std::size_t i, std::uint64_t head, const Key& key) {
  return i < node.slots.size() && node.slots[i].head == head && Order::key(*node.slots[i].item) == key;
}

// The last child whose first item is not above the key; the first child when all are above.
template <class T, class Order>
std::size_t CowSet<T, Order>::child_for(const Node& node, std::uint64_t head, const Key& key) {
  const auto i = lower_bound(node, head, key);
  if (matches(node, i, head, key)) return i;
  return i == 0 ? 0 : i - 1;
}

template <class T, class Order>
typename CowSet<T, Order>::Item CowSet<T, Order>::View::find(const Key& key) const {
  const auto head = head_of(key);
  const Node* node = root_.get();
  while (node && !node->leaf()) node = node->children[child_for(*node, head, key)].get();
  if (!node) return nullptr;
  const auto i = lower_bound(*node, head, key);
  return matches(*node, i, head, key) ? node->slots[i].item : nullptr;
}

template <class T, class Order>
template <class Visit>
bool CowSet<T, Order>::scan_node(const Node& node, const Key* from, Visit&& visit) {
  const auto head = from ? head_of(*from) : 0;
  if (node.leaf()) {
    for (auto i = from ? lower_bound(node, head, *from) : 0; i < node.slots.size(); ++i)
      if (!visit(node.slots[i].item)) return false;
    return true;
  }
  auto i = from ? child_for(node, head, *from) : 0;
  if (!scan_node(*node.children[i], from, visit)) return false;
  while (++i < node.children.size())
    if (!scan_node(*node.children[i], nullptr, visit)) return false;
  return true;
}

// ---- writing ---------------------------------------------------------------------------------

// A node of an older generation may be in a view: it is copied, and the copy is ours to write.
template <class T, class Order>
void CowSet<T, Order>::own(NodePtr& node) {
  if (node->generation == generation_) return;
  node = std::make_shared<Node>(*node);
  node->generation = generation_;
}

template <class T, class Order>
void CowSet<T, Order>::put(Item item) {
  ASSERT(item != nullptr);
  const auto key = Order::key(*item);
  Slot slot{head_of(key), item};  // `item` keeps what `key` looks into
  auto& root = view_.root_;
  if (!root) root = std::make_shared<Node>(Node{generation_, {}, {}});
  auto right = put_below(root, slot, key);
  if (!right) return;
  auto above = std::make_shared<Node>(Node{generation_, {root->slots.front(), right->slots.front()}, {}});
  above->children = {std::move(root), std::move(right)};
  root = std::move(above);
}

// Returns the right half when the node had to be split.
template <class T, class Order>
typename CowSet<T, Order>::NodePtr CowSet<T, Order>::put_below(NodePtr& node, Slot& slot, const Key& key) {
  own(node);
  auto& slots = node->slots;
  if (node->leaf()) {
    const auto i = lower_bound(*node, slot.head, key);
    if (matches(*node, i, slot.head, key)) {
      slots[i] = std::move(slot);
      return nullptr;
    }
    const bool appended = i == slots.size();
    slots.insert(slots.begin() + static_cast<std::ptrdiff_t>(i), std::move(slot));
    ++view_.size_;
    return split(*node, appended);
  }
  const auto i = child_for(*node, slot.head, key);
  auto right = put_below(node->children[i], slot, key);
  slots[i] = node->children[i]->slots.front();
  if (!right) return nullptr;
  const auto after = static_cast<std::ptrdiff_t>(i + 1);
  const bool appended = i + 1 == slots.size();
  slots.insert(slots.begin() + after, right->slots.front());
  node->children.insert(node->children.begin() + after, std::move(right));
  return split(*node, appended);
}

// Items that arrive in order leave full nodes behind; others, halves.
template <class T, class Order>
typename CowSet<T, Order>::NodePtr CowSet<T, Order>::split(Node& node, bool appended) {
  if (node.slots.size() <= kSlots) return nullptr;
  const auto keep = static_cast<std::ptrdiff_t>(appended ? kSlots : node.slots.size() / 2);
  auto right = std::make_shared<Node>(Node{generation_, {}, {}});
  right->slots.assign(std::make_move_iterator(node.slots.begin() + keep), std::make_move_iterator(node.slots.end()));
  node.slots.resize(static_cast<std::size_t>(keep));
  if (node.leaf()) return right;
  right->children.assign(std::make_move_iterator(node.children.begin() + keep),
                         std::make_move_iterator(node.children.end()));
  node.children.resize(static_cast<std::size_t>(keep));
  return right;
}

template <class T, class Order>
bool CowSet<T, Order>::erase(const Key& key) {
  auto& root = view_.root_;
  // Looking first keeps a miss from copying a path.
  const auto kept = view_.find(key);  // and holds what `key` may look into
  if (!kept) return false;
  erase_below(root, head_of(key), key);
  --view_.size_;
  if (root->slots.empty()) root = nullptr;
  while (root && !root->leaf() && root->children.size() == 1) {
    auto only = root->children.front();
    root = std::move(only);
  }
  return true;
}

template <class T, class Order>
bool CowSet<T, Order>::erase_below(NodePtr& node, std::uint64_t head, const Key& key) {
  own(node);
  auto& slots = node->slots;
  if (node->leaf()) {
    const auto i = lower_bound(*node, head, key);
    ASSERT(matches(*node, i, head, key));
    slots.erase(slots.begin() + static_cast<std::ptrdiff_t>(i));
    return slots.size() < kSparse;
  }
  const auto i = child_for(*node, head, key);
  const bool sparse = erase_below(node->children[i], head, key);
  if (!node->children[i]->slots.empty()) slots[i] = node->children[i]->slots.front();
  if (sparse) mend(*node, i);
  return slots.size() < kSparse;
}

// The child has few slots left: drop it if it has none, else join it with a neighbour if both fit.
template <class T, class Order>
void CowSet<T, Order>::mend(Node& parent, std::size_t i) {
  const auto drop = [&](std::size_t at) {
    parent.slots.erase(parent.slots.begin() + static_cast<std::ptrdiff_t>(at));
    parent.children.erase(parent.children.begin() + static_cast<std::ptrdiff_t>(at));
  };
  if (parent.children[i]->slots.empty()) return drop(i);
  if (parent.children.size() == 1) return;
  const auto left = i + 1 < parent.children.size() ? i : i - 1;
  const auto right = left + 1;
  if (parent.children[left]->slots.size() + parent.children[right]->slots.size() > kSlots) return;
  own(parent.children[left]);
  auto& to = *parent.children[left];
  const auto& from = *parent.children[right];
  to.slots.insert(to.slots.end(), from.slots.begin(), from.slots.end());
  to.children.insert(to.children.end(), from.children.begin(), from.children.end());
  drop(right);
}

}  // namespace core::model
