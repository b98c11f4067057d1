// SPDX-License-Identifier: MPL-2.0
#include "store/replace_file.h"

namespace store {

Status replace_file(Env& env, const std::string& path, ByteView content) {
  const auto draft = path + ".new";
  TRY(auto file, env.open(draft, Open::replace));
  TRY(file->write_at(0, content));
  TRY(file->sync());
  TRY(env.rename(draft, path));
  return env.sync_directory(path.substr(0, path.rfind('/')));
}

}  // namespace store
