#include "database.h"

#include <cmath>
#include <cstdint>
#include <stdexcept>

#include <sqlite3.h>

#include "seed_sql.h"

namespace owners {
namespace {

[[noreturn]] void fail(sqlite3* handle) {
  throw std::runtime_error(sqlite3_errmsg(handle));
}

// Statement is one prepared statement with its parameters bound.
class Statement {
 public:
  Statement(sqlite3* handle, std::string_view sql, std::initializer_list<Value> parameters)
      : handle_(handle) {
    if (sqlite3_prepare_v2(handle, sql.data(), static_cast<int>(sql.size()), &statement_,
                           nullptr) != SQLITE_OK) {
      fail(handle);
    }
    int index = 0;
    for (const Value& value : parameters) bind(++index, value);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  bool step() {
    const int result = sqlite3_step(statement_);
    if (result != SQLITE_ROW && result != SQLITE_DONE) fail(handle_);
    return result == SQLITE_ROW;
  }

  Json row() const {
    Json object = Json::object();
    for (int i = 0; i < sqlite3_column_count(statement_); ++i) {
      object[sqlite3_column_name(statement_, i)] = column(i);
    }
    return object;
  }

 private:
  void bind(int index, const Value& value) {
    if (value.is_null()) {
      sqlite3_bind_null(statement_, index);
    } else if (value.is_number_integer()) {
      sqlite3_bind_int64(statement_, index, value.get<sqlite3_int64>());
    } else {
      const auto& text = value.get_ref<const std::string&>();
      sqlite3_bind_text(statement_, index, text.data(), static_cast<int>(text.size()),
                        SQLITE_TRANSIENT);
    }
  }

  std::string_view text(int i) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, i));
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, i))};
  }

  Json column(int i) const {
    const char* declared = sqlite3_column_decltype(statement_, i);
    const std::string_view type = declared == nullptr ? "" : declared;
    switch (sqlite3_column_type(statement_, i)) {
      case SQLITE_NULL:
        return nullptr;
      case SQLITE_FLOAT: {
        // A whole number is written without a fraction, as JavaScript writes it.
        const double number = sqlite3_column_double(statement_, i);
        return number == std::trunc(number) ? Json(static_cast<std::int64_t>(number))
                                            : Json(number);
      }
      case SQLITE_INTEGER: {
        const sqlite3_int64 number = sqlite3_column_int64(statement_, i);
        return type == "BOOLEAN" ? Json(number != 0) : Json(number);
      }
      default:
        return type == "JSON" ? Json::parse(text(i)) : Json(text(i));
    }
  }

  sqlite3* handle_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace

Database::Database() {
  if (sqlite3_open(":memory:", &handle_) != SQLITE_OK) {
    const std::string message = sqlite3_errmsg(handle_);
    sqlite3_close(handle_);
    throw std::runtime_error(message);
  }
  reseed();
}

Database::~Database() {
  sqlite3_close(handle_);
}

void Database::reseed() {
  const std::lock_guard lock(mutex_);
  execute(kSeedSql);
}

void Database::execute(const char* script) {
  if (sqlite3_exec(handle_, script, nullptr, nullptr, nullptr) != SQLITE_OK) fail(handle_);
}

std::vector<Json> Database::Session::rows(std::string_view sql,
                                          std::initializer_list<Value> parameters) {
  Statement statement(handle_, sql, parameters);
  std::vector<Json> rows;
  while (statement.step()) rows.push_back(statement.row());
  return rows;
}

std::optional<Json> Database::Session::row(std::string_view sql,
                                           std::initializer_list<Value> parameters) {
  Statement statement(handle_, sql, parameters);
  if (!statement.step()) return std::nullopt;
  return statement.row();
}

int Database::Session::change(std::string_view sql, std::initializer_list<Value> parameters) {
  Statement statement(handle_, sql, parameters);
  statement.step();
  return sqlite3_changes(handle_);
}

}  // namespace owners
