// SPDX-License-Identifier: MPL-2.0
#include "core/model/cluster.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <type_traits>

#include "core/model/cow_set.h"

namespace core::model {
namespace {

using Text = std::string_view;

// Non-terminal work on one node.
struct Use {
  NodeId node;
  Amount amount;
};

// ---- orders: the first component discriminates best --------------------------------------------

template <class T>
struct ById {
  using Key = Text;
  static Key key(const T& item) { return item.id.text; }
  static Text head(const Key& key) { return key; }
};
struct JobByKey {
  using Key = std::pair<Text, Text>;
  static Key key(const Job& job) { return {job.ns, job.id.text}; }
  static Text head(const Key& key) { return key.first; }
};
template <class T>
struct ByJob {
  using Key = std::tuple<Text, Text, Text>;
  static Key key(const T& item) { return {item.job_id.text, item.ns, item.id.text}; }
  static Text head(const Key& key) { return std::get<0>(key); }
};
struct ByNode {
  using Key = std::pair<Text, Text>;
  static Key key(const Allocation& alloc) { return {alloc.node_id.text, alloc.id.text}; }
  static Text head(const Key& key) { return key.first; }
};
struct ByEval {
  using Key = std::pair<Text, Text>;
  static Key key(const Allocation& alloc) { return {alloc.eval_id.text, alloc.id.text}; }
  static Text head(const Key& key) { return key.first; }
};
struct RequestByName {
  using Key = RequestId;
  static Key key(const SettledRequest& request) { return request.id; }
  static std::uint64_t head(const Key& key) { return key.high; }
};
struct UseByNode {
  using Key = Text;
  static Key key(const Use& use) { return use.node.text; }
  static Text head(const Key& key) { return key; }
};

using Nodes = CowSet<Node, ById<Node>>;
using Jobs = CowSet<Job, JobByKey>;
using Evals = CowSet<Evaluation, ById<Evaluation>>;
using EvalsByJob = CowSet<Evaluation, ByJob<Evaluation>>;
using Allocs = CowSet<Allocation, ById<Allocation>>;
using AllocsByJob = CowSet<Allocation, ByJob<Allocation>>;
using AllocsByNode = CowSet<Allocation, ByNode>;
using AllocsByEval = CowSet<Allocation, ByEval>;
using Requests = CowSet<SettledRequest, RequestByName>;
using Uses = CowSet<Use, UseByNode>;

class ClusterView final : public StateView {
 public:
  Index index_;
  Nodes::View nodes_;
  Jobs::View jobs_;
  Evals::View evals_;
  EvalsByJob::View evals_by_job_;
  Allocs::View allocs_;
  AllocsByJob::View allocs_by_job_;
  AllocsByNode::View allocs_by_node_;
  AllocsByEval::View allocs_by_eval_;
  Requests::View requests_;
  Uses::View uses_;

  Index index() const override { return index_; }
  NodePtr node(const NodeId& id) const override { return nodes_.find(id.text); }
  JobPtr job(const JobKey& job) const override { return jobs_.find({job.ns, job.id.text}); }
  EvalPtr eval(const EvalId& id) const override { return evals_.find(id.text); }
  AllocPtr alloc(const AllocId& id) const override { return allocs_.find(id.text); }
  RequestPtr request(const RequestId& id) const override { return requests_.find(id); }
  void each_node(const std::function<void(const NodePtr&)>& visit) const override { nodes_.each(visit); }
  void each_job(const std::function<void(const JobPtr&)>& visit) const override { jobs_.each(visit); }
  void each_eval(const std::function<void(const EvalPtr&)>& visit) const override { evals_.each(visit); }
  std::vector<AllocPtr> allocs_on(const NodeId& node) const override {
    return while_true(allocs_by_node_, {node.text, {}}, [&](const Allocation& a) { return a.node_id == node; });
  }
  std::vector<AllocPtr> allocs_of(const JobKey& job) const override {
    return while_true(allocs_by_job_, {job.id.text, job.ns, {}},
                      [&](const Allocation& a) { return a.job_id == job.id && a.ns == job.ns; });
  }
  std::vector<AllocPtr> allocs_of(const EvalId& eval) const override {
    return while_true(allocs_by_eval_, {eval.text, {}}, [&](const Allocation& a) { return a.eval_id == eval; });
  }
  std::vector<EvalPtr> evals_of(const JobKey& job) const override {
    return while_true(evals_by_job_, {job.id.text, job.ns, {}},
                      [&](const Evaluation& e) { return e.job_id == job.id && e.ns == job.ns; });
  }
  std::size_t node_count() const override { return nodes_.size(); }
  Amount used_on(const NodeId& node) const override {
    const auto use = uses_.find(node.text);
    return use ? use->amount : Amount{};
  }
  // Nodes and uses are both in id order: one step through each.
  void each_node_use(const std::function<void(const NodePtr&, const Amount&)>& visit) const override {
    std::vector<const Use*> uses;
    uses.reserve(uses_.size());
    uses_.each([&](const auto& use) { uses.push_back(use.get()); });
    std::size_t i = 0;
    nodes_.each([&](const NodePtr& node) {
      while (i < uses.size() && uses[i]->node < node->id) ++i;
      visit(node, i < uses.size() && uses[i]->node == node->id ? uses[i]->amount : Amount{});
    });
  }

 private:
  // The items from `from` on for which `same` holds.
  template <class View, class Same>
  static std::vector<typename View::Item> while_true(const View& view, const typename View::Key& from, Same&& same) {
    std::vector<typename View::Item> out;
    view.scan(from, [&](const auto& item) {
      if (!same(*item)) return false;
      out.push_back(item);
      return true;
    });
    return out;
  }
};

// An allocation's place among all, and the first 8 bytes of its id.
using InOrder = std::pair<std::uint64_t, std::uint32_t>;

// Their places in order of id, which 8 bytes mostly tell.
std::vector<InOrder> in_order_of_id(const std::vector<AllocPtr>& allocs) {
  std::vector<InOrder> out;
  out.reserve(allocs.size());
  for (const auto& alloc : allocs) out.emplace_back(Allocs::head_of(alloc->id.text), static_cast<std::uint32_t>(out.size()));
  std::sort(out.begin(), out.end(), [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : allocs[a.second]->id < allocs[b.second]->id;
  });
  return out;
}

// Which of the groups that share a key each allocation is in, and the groups in order. Neighbours mostly share theirs,
// or go on as the last time: job after job, node after node.
template <class Order, class KeyOf>
class Groups {
 public:
  using Key = std::invoke_result_t<KeyOf, const Allocation&>;

  explicit Groups(KeyOf key_of) : key_of_(key_of) {}

  void sort(const std::vector<AllocPtr>& allocs) {
    of_.reserve(allocs.size());
    std::map<Key, std::uint32_t> known;
    std::vector<Group> groups;
    std::uint32_t last = 0;
    for (const auto& alloc : allocs) {
      const auto key = key_of_(*alloc);
      if (groups.empty() || groups[last].key != key) {
        const auto group = groups.empty() || groups[groups[last].next].key != key
                               ? known.try_emplace(key, static_cast<std::uint32_t>(groups.size())).first->second
                               : groups[last].next;
        if (group == groups.size()) groups.push_back({.key = key});
        groups[last].next = group;
        last = group;
      }
      ++groups[last].size;
      of_.push_back(last);
    }
    first_.resize(groups.size());
    std::size_t at = 0;
    for (const auto& [key, group] : known) at = (first_[group] = at) + groups[group].size;
  }

  std::uint32_t of(std::size_t alloc) const { return of_[alloc]; }
  std::size_t size() const { return first_.size(); }

  // The set's entries: group by group, and within one as `by_id` has them.
  template <class Set>
  void fill(Set& set, const std::vector<AllocPtr>& allocs, const std::vector<InOrder>& by_id) const {
    auto next = first_;
    std::vector<std::uint64_t> heads(size());
    for (std::size_t i = 0; i < allocs.size(); ++i)
      if (heads[of_[i]] == 0) heads[of_[i]] = Set::head_of(Order::key(*allocs[i]));
    std::vector<typename Set::Entry> entries(allocs.size());
    for (const auto& [head, i] : by_id) entries[next[of_[i]]++] = {heads[of_[i]], allocs[i]};
    set.fill(std::move(entries));
  }

 private:
  struct Group {
    Key key;
    std::size_t size = 0;
    std::uint32_t next = 0;  // of whom an allocation came behind one of this, the last time
  };

  KeyOf key_of_;
  std::vector<std::uint32_t> of_;
  std::vector<std::size_t> first_;
};

}  // namespace

struct Cluster::Tables {
  Index index;
  Nodes nodes;
  Jobs jobs;
  Evals evals;
  EvalsByJob evals_by_job;
  Allocs allocs;
  AllocsByJob allocs_by_job;
  AllocsByNode allocs_by_node;
  AllocsByEval allocs_by_eval;
  Requests requests;
  Uses uses;
  std::shared_ptr<const StateView> newest;  // dropped by the next change

  void operator()(const JobChanged& c) { jobs.put(c.job); }
  void operator()(const JobRemoved& c) { jobs.erase({c.job.ns, c.job.id.text}); }
  void operator()(const NodeChanged& c) { nodes.put(c.node); }
  void operator()(const NodeRemoved& c) { nodes.erase(c.node.text); }
  void operator()(const EvalChanged& c) {
    evals.put(c.eval);
    evals_by_job.put(c.eval);
  }
  void operator()(const EvalRemoved& c) {
    const auto before = evals.now().find(c.eval.text);
    if (!before) return;
    evals_by_job.erase(ByJob<Evaluation>::key(*before));
    evals.erase(c.eval.text);
  }
  void operator()(const AllocChanged& c) {
    if (const auto before = allocs.now().find(c.alloc->id.text)) forget(*before, *c.alloc);
    allocs.put(c.alloc);
    allocs_by_job.put(c.alloc);
    allocs_by_node.put(c.alloc);
    allocs_by_eval.put(c.alloc);
    if (!c.alloc->terminal()) add_use(c.alloc->node_id, amount(*c.alloc), {});
  }
  void operator()(const AllocRemoved& c) {
    const auto before = allocs.now().find(c.alloc.text);
    if (!before) return;
    allocs_by_job.erase(ByJob<Allocation>::key(*before));
    allocs_by_node.erase(ByNode::key(*before));
    allocs_by_eval.erase(ByEval::key(*before));
    allocs.erase(c.alloc.text);
    if (!before->terminal()) add_use(before->node_id, {}, amount(*before));
  }
  // Works that are done together only read what all see, and each writes what is its own.
  void fill(const std::vector<AllocPtr>& all, const Together& together) {
    ASSERT(all.size() < std::numeric_limits<std::uint32_t>::max());
    const auto of_job = [](const Allocation& a) { return std::pair<Text, Text>(a.job_id.text, a.ns); };
    const auto of_node = [](const Allocation& a) { return Text(a.node_id.text); };
    const auto of_eval = [](const Allocation& a) { return Text(a.eval_id.text); };
    std::vector<InOrder> by_id;
    Groups<ByJob<Allocation>, decltype(of_job)> jobs_of(of_job);
    Groups<ByEval, decltype(of_eval)> evals_of(of_eval);
    Groups<ByNode, decltype(of_node)> nodes_of(of_node);
    together({[&] { by_id = in_order_of_id(all); }, [&] { nodes_of.sort(all); }, [&] { jobs_of.sort(all); }, [&] { evals_of.sort(all); }});
    together({[&] { nodes_of.fill(allocs_by_node, all, by_id); }, [&] { jobs_of.fill(allocs_by_job, all, by_id); },
              [&] { evals_of.fill(allocs_by_eval, all, by_id); }, [&] { fill_allocs(all, by_id); }, [&] { fill_uses(all, nodes_of); }});
  }
  void fill_allocs(const std::vector<AllocPtr>& all, const std::vector<InOrder>& by_id) {
    std::vector<Allocs::Entry> entries;
    entries.reserve(all.size());
    for (const auto& [head, i] : by_id) entries.push_back({head, all[i]});
    allocs.fill(std::move(entries));
  }
  template <class Nodes>
  void fill_uses(const std::vector<AllocPtr>& all, const Nodes& nodes_of) {
    std::vector<Use> found(nodes_of.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i]->terminal()) continue;
      auto& use = found[nodes_of.of(i)];
      if (use.node.empty()) use.node = all[i]->node_id;
      use.amount += amount(*all[i]);
    }
    for (auto& use : found)
      if (use.amount != Amount{}) uses.put(std::make_shared<const Use>(std::move(use)));
  }
  void operator()(const RequestSettled& c) { requests.put(c.request); }
  void operator()(const RequestForgotten& c) { requests.erase(c.request); }

  // Where the new version of an allocation will not take its place.
  void forget(const Allocation& before, const Allocation& after) {
    if (ByJob<Allocation>::key(before) != ByJob<Allocation>::key(after))
      allocs_by_job.erase(ByJob<Allocation>::key(before));
    if (ByNode::key(before) != ByNode::key(after)) allocs_by_node.erase(ByNode::key(before));
    if (ByEval::key(before) != ByEval::key(after)) allocs_by_eval.erase(ByEval::key(before));
    if (!before.terminal()) add_use(before.node_id, {}, amount(before));
  }

  void add_use(const NodeId& node, const Amount& more, const Amount& less) {
    const auto before = uses.now().find(node.text);
    Use use{node, before ? before->amount : Amount{}};
    use.amount += more;
    use.amount -= less;
    if (use.amount == Amount{}) uses.erase(node.text);
    else uses.put(std::make_shared<const Use>(std::move(use)));
  }
};

Cluster::Cluster() : tables_(std::make_unique<Tables>()) {}
Cluster::~Cluster() = default;
Cluster::Cluster(Cluster&&) noexcept = default;
Cluster& Cluster::operator=(Cluster&&) noexcept = default;

void Cluster::apply(const std::vector<Change>& changes) {
  for (const auto& change : changes) {
    tables_->newest.reset();
    std::visit(*tables_, change.fact);
    advance(change.index);
  }
}

void Cluster::one_by_one(const std::vector<std::function<void()>>& works) {
  for (const auto& work : works) work();
}

void Cluster::fill(std::vector<AllocPtr> allocs, const Together& together) {
  ASSERT(tables_->allocs.now().size() == 0);
  tables_->newest.reset();
  for (const auto& alloc : allocs) advance(alloc->modify_index);
  tables_->fill(allocs, together);
}

void Cluster::advance(Index index) {
  if (index <= tables_->index) return;
  tables_->newest.reset();
  tables_->index = index;
}

Index Cluster::index() const { return tables_->index; }

std::shared_ptr<const StateView> Cluster::snapshot() {
  auto& t = *tables_;
  if (t.newest) return t.newest;
  auto view = std::make_shared<ClusterView>();
  view->index_ = t.index;
  view->nodes_ = t.nodes.snapshot();
  view->jobs_ = t.jobs.snapshot();
  view->evals_ = t.evals.snapshot();
  view->evals_by_job_ = t.evals_by_job.snapshot();
  view->allocs_ = t.allocs.snapshot();
  view->allocs_by_job_ = t.allocs_by_job.snapshot();
  view->allocs_by_node_ = t.allocs_by_node.snapshot();
  view->allocs_by_eval_ = t.allocs_by_eval.snapshot();
  view->requests_ = t.requests.snapshot();
  view->uses_ = t.uses.snapshot();
  t.newest = view;
  return view;
}

}  // namespace core::model
