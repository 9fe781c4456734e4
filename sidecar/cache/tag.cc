#include "cache/tag.h"

#include <algorithm>

namespace usher::cache {

Tag make_tag(Hasher& hasher, ScopeId scope, std::string_view text) {
  Tag tag;
  hasher.begin();
  hasher.add("tag");
  hasher.add(scope.value);
  hasher.add(text);
  const Digest id = hasher.end();
  std::copy_n(id.bytes.begin(), tag.id.size(), tag.id.begin());
  hasher.begin();
  hasher.add("tag anywhere");
  hasher.add(text);
  tag.anywhere = hasher.end().word();
  return tag;
}

}  // namespace usher::cache
