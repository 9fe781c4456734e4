// Values as people and the configuration write them.
//
// Thread: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/units.h"
#include "policy/endpoint_policy.h"

namespace usher::explain {

using config::format_duration;
using config::format_size;

// "250ms", "3.1s": for people, to the millisecond.
std::string format_time(Duration time);
// The shortest text that reads back as `number`.
std::string format_number(double number);
// `["a","b"]`, as JSON.
std::string format_list(const std::vector<std::string>& texts);
// "429, 500, 502-599"; "none".
std::string format_statuses(const policy::StatusSet& statuses);
// "connect-failure, timeout", as the configuration spells them; "none".
std::string format_failures(bool not_sent, bool reset, bool timeout, bool bad_answer);
// "0.2" as "20 %".
std::string format_share(double share);

std::string_view name_of(policy::Repeatability repeatability);

}  // namespace usher::explain
