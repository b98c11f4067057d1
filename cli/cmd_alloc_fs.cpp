// SPDX-License-Identifier: MPL-2.0
#include "cli/alloc_files.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "core/base/fields.h"

namespace cli {
namespace {

using core::model::Allocation;

struct FsFlags {
  bool exact = false, stat = false, follow = false, by_job = false, verbose = false;
  Tail tail;
};

struct File {
  std::string name, mode, type;
  bool directory = false;
  std::uint64_t size = 0;
  core::Timestamp modified;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Name", self.name);
    visit("IsDir", self.directory);
    visit("Size", self.size);
    visit("FileMode", self.mode);
    visit("ModTime", self.modified);
    visit("ContentType", self.type);
  }
};

class Directory {
 public:
  Directory(const Context& context, const Api& api, const Allocation& alloc, std::string path, FsFlags flags)
      : context_(context), api_(api), alloc_(alloc), path_(std::move(path)), flags_(flags) {}

  int show() const {
    File file;
    if (const auto found = look_up("stat", file); !found.ok()) return fail(context_, found.error().detail);
    if (flags_.stat) return show_stat(file);
    return file.directory ? list() : print(file);
  }

 private:
  template <class T>
  core::Status look_up(const std::string& what, T& out) const {
    return on_node(api_, alloc_.node_id, [&](const Api& agent) -> core::Status {
      TRY(const auto reply, agent.get(target(what), {{"path", path_}}));
      if (reply.body.root().is_null()) return core::ok_status();
      return core::decode(reply.body.root(), out);
    });
  }
  std::string target(const std::string& what) const { return "/v1/client/fs/" + what + "/" + path_id(alloc_.id.text); }
  std::string size_of(const File& file) const { return flags_.exact ? std::to_string(file.size) : size_text(file.size); }

  int show_stat(const File& file) const {
    context_.ui.out(table({{"Mode", "Size", "Modified Time", "Content Type", "Name"},
                           {file.mode, size_of(file), absolute_time(file.modified.at), file.type, file.name + (file.directory ? "/" : "")}}));
    return 0;
  }

  int list() const {
    std::vector<File> files;
    if (const auto listed = look_up("ls", files); !listed.ok()) return fail(context_, "Error listing alloc dir: " + listed.error().detail);
    std::vector<Row> rows{{"Mode", "Size", "Modified Time", "Name"}};
    for (const auto& file : files)
      rows.push_back({file.mode, size_of(file), absolute_time(file.modified.at), file.name + (file.directory ? "/" : "")});
    context_.ui.out(table(rows));
    return 0;
  }

  int print(const File& file) const {
    const auto status = flags_.follow ? follow() : print_bytes(file);
    return status.ok() ? 0 : fail(context_, "Error reading file: " + status.error().detail);
  }

  core::Status print_bytes(const File& file) const {
    const bool hold = flags_.tail.by_lines();
    const auto size = static_cast<std::int64_t>(file.size);
    const auto offset = flags_.tail.tail ? size - std::min(size, flags_.tail.offset()) : 0;
    std::string held;
    const auto status = on_node(api_, alloc_.node_id, [&](const Api& agent) {
      return agent.stream(target("readat"), {{"path", path_}, {"offset", std::to_string(offset)}, {"limit", "-1"}}, [&](std::string_view bytes) {
        if (!hold) return context_.ui.raw(bytes);
        held += bytes;
        return true;
      });
    });
    if (hold) context_.ui.raw(last_lines(held, static_cast<std::size_t>(flags_.tail.lines)));
    return status;
  }

  core::Status follow() const {
    FramePrinter printer(context_.ui, flags_.tail);
    const bool tail = flags_.tail.tail;
    auto status = on_node(api_, alloc_.node_id, [&](const Api& agent) {
      return agent.stream(target("stream"), {{"path", path_}, {"origin", tail ? "end" : "start"}, {"offset", std::to_string(tail ? flags_.tail.offset() : 0)}},
                          [&](std::string_view bytes) { return printer.take(bytes); });
    });
    if (auto finished = printer.finish(); status.ok()) return finished;
    return status;
  }

  const Context& context_;
  const Api& api_;
  const Allocation& alloc_;
  std::string path_;
  FsFlags flags_;
};

}  // namespace

int alloc_fs(const Context& context, Arguments arguments) {
  FsFlags fs;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("H", fs.exact).boolean("stat", fs.stat).boolean("f", fs.follow).boolean("job", fs.by_job).boolean("verbose", fs.verbose);
  fs.tail.add_flags(flags);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kAllocFs);
  if (words->empty() || words->size() > 2)
    return fail(context, std::string("This command takes one or two arguments: ") + (fs.by_job ? "<job> [<path>]" : "<allocation> [<path>]") +
                             "\nFor additional help try 'nomad alloc fs -help'");
  if (const auto complete = fs.tail.complete(); !complete.ok()) return fail(context, complete.error().detail);
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto alloc = find_alloc(api, words->front(), fs.by_job);
  if (!alloc.ok()) return fail(context, alloc.error().detail);
  return Directory(context, api, *alloc, words->size() == 2 ? words->back() : "/", fs).show();
}

}  // namespace cli
