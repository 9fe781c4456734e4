// What each error of Usher's own means, for those who read an exported document.
//
// Thread: any.
#pragma once

#include <string_view>

#include "base/result.h"

namespace usher::openapi {

struct ErrorText {
  std::string_view when;    // behind "when", in a sentence
  std::string_view detail;  // as in the message of such an answer
};
ErrorText text_of(ErrorCode code);

}  // namespace usher::openapi
