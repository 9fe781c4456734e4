#include "config/hedge_settings.h"

#include "config/units.h"

namespace usher::config {
namespace {

using policy::HedgeOptions;

// Nothing for "p95".
std::optional<Duration> read_delay(ObjectReader& reader) {
  const Value* member = reader.find("delay");
  if (member == nullptr || member->text == "p95") return std::nullopt;
  if (member->type == Value::Type::String) {
    const auto delay = parse_duration(member->text);
    if (delay && *delay >= 1ms && *delay <= std::chrono::hours(1)) return delay;
  }
  reader.wrong(*member, "delay", R"("p95" or a duration from 1ms to 1h, such as "250ms" or "1s")");
  return std::nullopt;
}

HedgeSettings read_object(ObjectReader reader) {
  // A share of nothing would never hedge.
  constexpr double kMinShare = 0.001;
  HedgeSettings settings;
  HedgeOptions& options = settings.options.emplace();
  options.delay = read_delay(reader);
  set(options.max_hedges, reader.integer("max", 1, HedgeOptions::kMaxHedges));
  set(options.share, reader.number("share", kMinShare, 1));
  if (const Value* delay = reader.find("delay")) settings.delay_place = reader.place_of(*delay);
  return settings;
}

}  // namespace

std::optional<Placed<HedgeSettings>> read_hedge(ObjectReader& parent, Problems& problems) {
  const Value* member = parent.find("hedge");
  if (member == nullptr) return std::nullopt;
  Placed<HedgeSettings> hedge = {.value = {}, .place = parent.place_of(*member)};
  if (member->type == Value::Type::Object) {
    hedge.value = read_object(ObjectReader(*member, Scope::Hedge, problems));
  } else if (member->type != Value::Type::Bool || member->boolean) {
    parent.wrong(*member, "hedge", "false or an object");
  }
  return hedge;
}

}  // namespace usher::config
