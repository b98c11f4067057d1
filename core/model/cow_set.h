// SPDX-License-Identifier: MPL-2.0
// An ordered set of shared immutable items with snapshots in constant time: a B+ tree whose nodes are
// copied before the first change after a snapshot, and changed in place from then on. Items carry their
// key; Order says which part it is:
//   struct Order { using Key = ...; static Key key(const T&); static std::string_view head(const Key&); };
// Key compares with <=> and head() is its first component, of which 8 bytes are kept beside the pointer,
// so that most comparisons never touch the item. It may be a number instead.
//
// One thread writes. A View may be read on any thread for as long as it lives: nodes that a view can
// reach belong to an older generation, and those are never written again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <type_traits>
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
  // What a set keeps of an item, and of a key.
  struct Entry {
    std::uint64_t head;
    Item item;
    const T& first() const { return *item; }
  };
  static std::uint64_t head_of(const Key& key);
  // All at once, without a comparison. REQUIRES: it is empty; they are in order, and no two have the same key.
  void fill(std::vector<Entry> entries);
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
  // Leaves are small because copying one counts a reference on each of its items, wherever in memory
  // they are; copying an inner node touches only the children's counts.
  static constexpr std::size_t kItems = 16;
  static constexpr std::size_t kChildren = 64;

  struct Child {
    std::uint64_t head;
    const T* smallest;  // the first item below, which owns it: the two change together
    std::shared_ptr<Node> node;
    const T& first() const { return *smallest; }
  };
  struct Node {
    std::uint64_t generation;
    std::vector<Entry> items;     // of a leaf
    std::vector<Child> children;  // of an inner node
    bool leaf() const { return children.empty(); }
    bool empty() const { return items.empty() && children.empty(); }
    bool sparse() const { return leaf() ? items.size() < kItems / 4 : children.size() < kChildren / 4; }
  };
  using NodePtr = std::shared_ptr<Node>;

  template <class Slot>
  static std::size_t lower_bound(const std::vector<Slot>& slots, std::uint64_t head, const Key& key);
  template <class Slot>
  static bool matches(const std::vector<Slot>& slots, std::size_t i, std::uint64_t head, const Key& key);
  static std::size_t child_for(const Node& node, std::uint64_t head, const Key& key);
  template <class Visit>
  static bool scan_node(const Node& node, const Key* from, Visit&& visit);
  static Child child_of(NodePtr node);

  void own(NodePtr& node);
  NodePtr put_below(NodePtr& node, Entry& entry, const Key& key);
  NodePtr put_in_leaf(Node& leaf, Entry& entry, const Key& key);
  template <class Slot>
  NodePtr split(std::vector<Slot>& slots, std::vector<Slot> Node::*member, std::size_t limit, bool appended);
  void erase_below(NodePtr& node, std::uint64_t head, const Key& key);
  void mend(Node& parent, std::size_t i);

  View view_;
  std::uint64_t generation_ = 0;
};

// ---- reading ---------------------------------------------------------------------------------

template <class T, class Order>
std::uint64_t CowSet<T, Order>::head_of(const Key& key) {
  if constexpr (std::is_same_v<decltype(Order::head(key)), std::uint64_t>) {
    return Order::head(key);
  } else {
    const std::string_view text = Order::head(key);
    std::uint64_t head = 0;  // big-endian, so that numbers order as the text does
    for (std::size_t i = 0; i < sizeof head; ++i)
      head = head << 8 | (i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0);
    return head;
  }
}

template <class T, class Order>
template <class Slot>
std::size_t CowSet<T, Order>::lower_bound(const std::vector<Slot>& slots, std::uint64_t head, const Key& key) {
  const auto below = [&](const Slot& slot) {
    return slot.head != head ? slot.head < head : Order::key(slot.first()) < key;
  };
  return static_cast<std::size_t>(std::partition_point(slots.begin(), slots.end(), below) - slots.begin());
}

template <class T, class Order>
template <class Slot>
bool CowSet<T, Order>::matches(const std::vector<Slot>& slots, std::size_t i, std::uint64_t head, const Key& key) {
  return i < slots.size() && slots[i].head == head && Order::key(slots[i].first()) == key;
}

// The last child whose first item is not above the key; the first child when all are above.
template <class T, class Order>
std::size_t CowSet<T, Order>::child_for(const Node& node, std::uint64_t head, const Key& key) {
  const auto i = lower_bound(node.children, head, key);
  if (i == 0 || matches(node.children, i, head, key)) return i;
  return i - 1;
}

template <class T, class Order>
typename CowSet<T, Order>::Item CowSet<T, Order>::View::find(const Key& key) const {
  const auto head = head_of(key);
  const Node* node = root_.get();
  while (node && !node->leaf()) node = node->children[child_for(*node, head, key)].node.get();
  if (!node) return nullptr;
  const auto i = lower_bound(node->items, head, key);
  return matches(node->items, i, head, key) ? node->items[i].item : nullptr;
}

template <class T, class Order>
template <class Visit>
bool CowSet<T, Order>::scan_node(const Node& node, const Key* from, Visit&& visit) {
  const auto head = from ? head_of(*from) : 0;
  if (node.leaf()) {
    for (auto i = from ? lower_bound(node.items, head, *from) : 0; i < node.items.size(); ++i)
      if (!visit(node.items[i].item)) return false;
    return true;
  }
  auto i = from ? child_for(node, head, *from) : 0;
  if (!scan_node(*node.children[i].node, from, visit)) return false;
  while (++i < node.children.size())
    if (!scan_node(*node.children[i].node, nullptr, visit)) return false;
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

// REQUIRES: not empty.
template <class T, class Order>
typename CowSet<T, Order>::Child CowSet<T, Order>::child_of(NodePtr node) {
  if (node->leaf()) return {node->items.front().head, node->items.front().item.get(), std::move(node)};
  return {node->children.front().head, node->children.front().smallest, std::move(node)};
}

template <class T, class Order>
void CowSet<T, Order>::put(Item item) {
  ASSERT(item != nullptr);
  const auto key = Order::key(*item);
  Entry entry{head_of(key), item};  // `item` keeps what `key` looks into
  auto& root = view_.root_;
  if (!root) root = std::make_shared<Node>(Node{generation_, {}, {}});
  auto right = put_below(root, entry, key);
  if (!right) return;
  auto above = std::make_shared<Node>(Node{generation_, {}, {}});
  above->children.push_back(child_of(std::move(root)));
  above->children.push_back(child_of(std::move(right)));
  root = std::move(above);
}

// Leaves first, then a level above a level; all full, but for the last of each.
template <class T, class Order>
void CowSet<T, Order>::fill(std::vector<Entry> entries) {
  ASSERT(view_.root_ == nullptr);
  view_.size_ = entries.size();
  std::vector<Child> level;
  std::uint64_t last = 0;
  for (std::size_t at = 0; at < entries.size();) {
    const auto end = std::min(entries.size(), at + kItems);
    auto leaf = std::make_shared<Node>(Node{generation_, {}, {}});
    leaf->items.reserve(end - at);
    for (; at < end; ++at) {
      ASSERT(last <= entries[at].head);
      last = entries[at].head;
      leaf->items.push_back(std::move(entries[at]));
    }
    level.push_back(child_of(std::move(leaf)));
  }
  while (level.size() > 1) {
    std::vector<Child> above;
    for (std::size_t at = 0; at < level.size(); at += kChildren) {
      const auto begin = level.begin() + static_cast<std::ptrdiff_t>(at);
      const auto end = level.begin() + static_cast<std::ptrdiff_t>(std::min(level.size(), at + kChildren));
      auto node = std::make_shared<Node>(Node{generation_, {}, {}});
      node->children.assign(std::make_move_iterator(begin), std::make_move_iterator(end));
      above.push_back(child_of(std::move(node)));
    }
    level = std::move(above);
  }
  if (!level.empty()) view_.root_ = std::move(level.front().node);
}

// Returns the right half when the node had to be split.
template <class T, class Order>
typename CowSet<T, Order>::NodePtr CowSet<T, Order>::put_below(NodePtr& node, Entry& entry, const Key& key) {
  own(node);
  if (node->leaf()) return put_in_leaf(*node, entry, key);
  auto& children = node->children;
  const auto i = child_for(*node, entry.head, key);
  auto right = put_below(children[i].node, entry, key);
  children[i] = child_of(std::move(children[i].node));
  if (!right) return nullptr;
  const bool appended = i + 1 == children.size();
  children.insert(children.begin() + static_cast<std::ptrdiff_t>(i + 1), child_of(std::move(right)));
  return split(children, &Node::children, kChildren, appended);
}

template <class T, class Order>
typename CowSet<T, Order>::NodePtr CowSet<T, Order>::put_in_leaf(Node& leaf, Entry& entry, const Key& key) {
  auto& items = leaf.items;
  const auto i = lower_bound(items, entry.head, key);
  if (matches(items, i, entry.head, key)) {
    items[i] = std::move(entry);
    return nullptr;
  }
  const bool appended = i == items.size();
  items.insert(items.begin() + static_cast<std::ptrdiff_t>(i), std::move(entry));
  ++view_.size_;
  return split(items, &Node::items, kItems, appended);
}

// Items that arrive in order leave full nodes behind; others, halves.
template <class T, class Order>
template <class Slot>
typename CowSet<T, Order>::NodePtr CowSet<T, Order>::split(std::vector<Slot>& slots, std::vector<Slot> Node::*member,
                                                           std::size_t limit, bool appended) {
  if (slots.size() <= limit) return nullptr;
  const auto keep = slots.begin() + static_cast<std::ptrdiff_t>(appended ? limit : slots.size() / 2);
  auto right = std::make_shared<Node>(Node{generation_, {}, {}});
  ((*right).*member).assign(std::make_move_iterator(keep), std::make_move_iterator(slots.end()));
  slots.erase(keep, slots.end());
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
  if (root->empty()) root = nullptr;
  while (root && root->children.size() == 1) {
    auto only = root->children.front().node;
    root = std::move(only);
  }
  return true;
}

template <class T, class Order>
void CowSet<T, Order>::erase_below(NodePtr& node, std::uint64_t head, const Key& key) {
  own(node);
  if (node->leaf()) {
    const auto i = lower_bound(node->items, head, key);
    ASSERT(matches(node->items, i, head, key));
    node->items.erase(node->items.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
  const auto i = child_for(*node, head, key);
  auto& child = node->children[i];
  erase_below(child.node, head, key);
  if (!child.node->empty()) child = child_of(std::move(child.node));
  if (child.node->sparse()) mend(*node, i);
}

// The child has little left: drop it if it is empty, else join it with a neighbour if both fit into one.
template <class T, class Order>
void CowSet<T, Order>::mend(Node& parent, std::size_t i) {
  auto& children = parent.children;
  const auto drop = [&](std::size_t at) { children.erase(children.begin() + static_cast<std::ptrdiff_t>(at)); };
  if (children[i].node->empty()) return drop(i);
  if (children.size() == 1) return;
  const auto left = i + 1 < children.size() ? i : i - 1;
  const auto& from = *children[left + 1].node;
  const auto join = [](auto& to, const auto& more) { to.insert(to.end(), more.begin(), more.end()); };
  const auto& into = *children[left].node;
  if (into.items.size() + from.items.size() > kItems || into.children.size() + from.children.size() > kChildren) return;
  own(children[left].node);
  join(children[left].node->items, from.items);
  join(children[left].node->children, from.children);
  drop(left + 1);
}

}  // namespace core::model
