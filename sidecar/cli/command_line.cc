#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/check_command.h"
#include "cli/explain_command.h"
#include "cli/export_command.h"
#include "cli/import_command.h"
#include "cli/intercept_command.h"
#include "config/problem.h"
#include "config/spelling.h"
#include "server/server.h"
#include "server/version.h"

namespace usher::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kMisuse = 2;

constexpr const char* kFooter =
    R"(DIR holds usher.json and services/*.json. --config may stand several times: later directories are
laid over earlier ones. Without it $USHER_CONFIG names them, separated by ':'; else /etc/usher.)";

// $USHER_CONFIG, or what stands for it.
std::vector<fs::path> default_directories() {
  const char* variable = std::getenv("USHER_CONFIG");
  std::string_view names = variable == nullptr ? "" : variable;
  std::vector<fs::path> directories;
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(':'));
    if (!name.empty()) directories.emplace_back(name);
    names.remove_prefix(std::min(name.size() + 1, names.size()));
  }
  if (directories.empty()) directories.emplace_back("/etc/usher");
  return directories;
}

// The commands with their options; parse() reads the arguments, run() does what they say.
class CommandLine {
 public:
  CommandLine(std::FILE* out, std::FILE* err) : out_(out), err_(err) {
    app_.require_subcommand(1);
    app_.get_formatter()->label("Usage", "usage");
    app_.set_version_flag("--version", [] { return server::version_text(); });
    app_.footer(kFooter);
    add_run();
    add_check();
    add_explain();
    add_import();
    add_export();
    add_intercept();
    add_version();
    add_help();
  }

  int run(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForVersion& version) {
      return print(version.what());
    } catch (const CLI::Success&) {  // --help
      return print(app_.help());
    } catch (const CLI::ParseError& error) {
      return refuse(reason_of(error));
    }
    return action_();
  }

 private:
  void add_config(CLI::App& command) {
    command.add_option("--config", config_, "where the configuration is; may stand several times")
        ->type_name("DIR")
        ->allow_extra_args(false);
  }

  std::vector<fs::path> directories() const {
    return config_.empty() ? default_directories()
                           : std::vector<fs::path>(config_.begin(), config_.end());
  }

  void add_run() {
    CLI::App& command = *app_.add_subcommand("run", "run the sidecar");
    add_config(command);
    command.callback([this] {
      action_ = [this] {
        // A peer that resets its connection must not kill the process: libuv writes without
        // MSG_NOSIGNAL.
        std::signal(SIGPIPE, SIG_IGN);
        return server::run(directories());
      };
    });
  }

  void add_check() {
    CLI::App& command = *app_.add_subcommand("check", "say what is wrong with a configuration");
    add_config(command);
    command.add_option("--format", format_, "text or json")
        ->type_name("FORMAT")
        ->check(CLI::IsMember(std::vector<std::string>{"text", "json"}));
    command.add_flag("--strict", check_.strict, "warnings are errors too");
    command.callback([this] {
      action_ = [this] {
        check_.directories = directories();
        check_.json = format_ == "json";
        return check(check_, out_);
      };
    });
  }

  void add_explain() {
    CLI::App& command = *app_.add_subcommand("explain", "say what would happen to a call, and why");
    command.add_option("METHOD", explain_.method, "GET, POST, …")->required();
    command.add_option("URL", explain_.url, "absolute, or a path")->required();
    command.add_option("--consumer", explain_.consumer, "who calls; else the configuration's")
        ->type_name("NAME");
    command.add_option("--header", explain_.headers, "'name: value' of the call; several times")
        ->type_name("FIELD")
        ->allow_extra_args(false);
    add_config(command);
    command.add_option("--format", format_, "text or json")
        ->type_name("FORMAT")
        ->check(CLI::IsMember(std::vector<std::string>{"text", "json"}));
    command
        .add_option("--admin", explain_.admin,
                    "ask a running sidecar, by its admin port's host:port or unix:/path")
        ->type_name("ADDR");
    command.callback([this] {
      action_ = [this] {
        explain_.directories = directories();
        explain_.json = format_ == "json";
        return cli::explain(explain_, out_, err_);
      };
    });
  }

  void add_import() {
    CLI::App& command = *app_.add_subcommand("import", "make a service file of a description");
    command.require_subcommand(1);
    CLI::App& openapi = *command.add_subcommand("openapi", "of an OpenAPI 3 document");
    openapi.add_option("FILE", import_.file, "the document, JSON or YAML; -: standard input")
        ->required();
    openapi.add_option("--service", import_.service, "the owner's name")
        ->type_name("NAME")
        ->required();
    openapi.add_option("--prefix", import_.prefixes, "operations at and below PATH alone")
        ->type_name("PATH")
        ->allow_extra_args(false);
    openapi
        .add_option("--config", config_,
                    "write DIR/services/NAME.json, and keep what stands in it; else to stdout")
        ->type_name("DIR")
        ->allow_extra_args(false);
    openapi.callback([this] {
      action_ = [this] {
        if (!config_.empty()) import_.directory = config_.back();
        return import_openapi(import_, out_, err_);
      };
    });
  }

  void add_export() {
    CLI::App& command = *app_.add_subcommand("export", "describe what is configured");
    command.require_subcommand(1);
    CLI::App& openapi = *command.add_subcommand("openapi", "as an OpenAPI 3.1 document");
    add_config(openapi);
    openapi.add_option("--service", export_.service, "the endpoints of one owner alone")
        ->type_name("NAME");
    openapi.callback([this] {
      action_ = [this] {
        export_.directories = directories();
        return export_openapi(export_, out_, err_);
      };
    });
  }

  void add_intercept() {
    CLI::App& command = *app_.add_subcommand("intercept", "redirect outbound calls to the sidecar");
    command.require_subcommand(1);
    CLI::App& up = *command.add_subcommand("up", "put the kernel's rules in place; needs sudo");
    CLI::App& down = *command.add_subcommand("down", "remove them; needs sudo");
    CLI::App& rules = *command.add_subcommand("print", "print them and change nothing");
    for (CLI::App* what : {&up, &down, &rules}) add_rule_options(*what);
    set_action(up, [this] { return intercept_up(intercept_, out_, err_); });
    set_action(down, [this] { return intercept_down(intercept_, out_, err_); });
    set_action(rules, [this] { return intercept_print(intercept_, out_, err_); });
  }

  void add_rule_options(CLI::App& command) {
    intercept::RuleOptions& rules = intercept_.rules;
    const auto add_list = [&command](const char* name, std::vector<std::string>& to,
                                     const char* what, const char* type) {
      command.add_option(name, to, what)->type_name(type)->allow_extra_args(false);
    };
    add_list("--ports", rules.ports, "outbound ports; else those of the configured services",
             "PORTS");
    add_list("--local-ports", rules.local_ports,
             "ports of localhost, or 'same' as --ports; else none", "PORTS");
    add_list("--include", rules.include, "these destinations alone", "CIDR");
    add_list("--exclude", rules.exclude, "destinations that are left alone", "CIDR");
    add_list("--exclude-ports", rules.exclude_ports, "ports that are left alone", "PORTS");
    command.add_option("--uid", rules.uid, "the sidecar's own, left alone; 7401")->type_name("UID");
    command.add_option("--to", rules.to, "the sidecar's port; 7401")->type_name("PORT");
    command.add_option("--format", format_, "nft or iptables; else nft where the kernel has it")
        ->type_name("FORMAT")
        ->check(CLI::IsMember(std::vector<std::string>{"nft", "iptables"}));
    add_config(command);
  }

  void set_action(CLI::App& command, std::function<int()> action) {
    command.callback([this, action = std::move(action)] {
      action_ = [this, action] {
        intercept_.directories = directories();
        if (format_ == "nft") intercept_.format = intercept::Format::Nft;
        if (format_ == "iptables") intercept_.format = intercept::Format::Iptables;
        return action();
      };
    });
  }

  void add_version() {
    CLI::App& command = *app_.add_subcommand("version", "print version, build and libraries");
    command.callback([this] { action_ = [this] { return print(server::version_text()); }; });
  }

  void add_help() {
    CLI::App& command = *app_.add_subcommand("help", "explain a command");
    command.add_option("COMMAND", topic_, "which; else all of them are listed");
    command.callback([this] { action_ = [this] { return help(); }; });
  }

  int help() {
    std::string path = app_.get_name();
    const CLI::App* topic = &app_;
    for (const std::string& name : topic_) {
      const CLI::App* next = find_command(*topic, name);
      if (next == nullptr) return refuse(unknown_command(*topic, name));
      topic = next;
      path += " " + name;
    }
    return print(topic == &app_ ? app_.get_formatter()->make_help(&app_, path, {})
                                : topic->help(path.substr(0, path.rfind(' '))));
  }

  static const CLI::App* find_command(const CLI::App& app, const std::string& name) {
    for (const CLI::App* command : app.get_subcommands({})) {
      if (command->get_name() == name) return command;
    }
    return nullptr;
  }

  static std::string unknown_command(const CLI::App& app, const std::string& name) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
    return unknown("command", name, names);
  }

  static std::string unknown(std::string_view what, const std::string& word,
                             const std::vector<std::string>& words) {
    const std::vector<std::string_view> views(words.begin(), words.end());
    const std::string_view close = config::nearest(word, views);
    return "unknown " + std::string(what) + " " + config::in_quotes(word) +
           (close.empty() ? "" : "; did you mean " + config::in_quotes(close) + "?");
  }

  // In one's own words where CLI11 says less than is known.
  std::string reason_of(const CLI::ParseError& error) const {
    const CLI::App* app = &app_;
    while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
    const std::vector<std::string> rest = app_.remaining(true);
    const bool needs_command = !app->get_subcommands({}).empty();
    if (rest.empty()) return needs_command ? "a command is missing" : error.what();
    const std::string& word = rest.front();
    if (needs_command && !word.starts_with('-')) return unknown_command(*app, word);
    std::vector<std::string> options;
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
    }
    return unknown("argument", word.substr(0, word.find('=')), options);
  }

  int print(const std::string& text) const {
    const bool written = std::fwrite(text.data(), 1, text.size(), out_) == text.size();
    return written && std::fflush(out_) == 0 ? 0 : 1;
  }

  int refuse(const std::string& why) const {
    std::fprintf(err_, "usher: %s\n%s", why.c_str(), app_.help().c_str());
    return kMisuse;
  }

  std::FILE* out_;
  std::FILE* err_;
  CLI::App app_{"A sidecar proxy: the policy of calls between services.", "usher"};
  std::vector<std::string> config_;
  std::string format_ = "text";
  CheckOptions check_;
  ExplainOptions explain_;
  ImportOptions import_;
  ExportOptions export_;
  InterceptOptions intercept_;
  std::vector<std::string> topic_;
  std::function<int()> action_;  // what the arguments ask for
};

}  // namespace

int run_command_line(int argc, const char* const* argv, std::FILE* out, std::FILE* err) {
  return CommandLine(out, err).run(argc, argv);
}

}  // namespace usher::cli
