#include "controller/database/postgres_server.h"

#include <algorithm>
#include <random>

#include "controller/database/sql_text.h"

namespace controller {

namespace {

// Shared by the agent and by the programs that run in the container itself, so that one login is
// good for both; the official image's pg_hba trusts it.
constexpr const char* kHost = "127.0.0.1";
constexpr int kOldestVersion = 100000;
constexpr int kVersionWithLoginTriggers = 170000;

// pg_dump's text of a timestamp depends on the zone, the checksums depend on the text.  The limits
// that a database or a role may have set are not meant for us.
constexpr const char* kOptions =
    "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=3 "
    "-c bytea_output=hex -c row_security=off -c default_transaction_read_only=off "
    "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0 "
    "-c synchronize_seqscans=off";

// Those that not every version knows, or not every role may set.
constexpr std::string_view kFurtherSettings =
    "SELECT pg_catalog.set_config(v.name, v.value, false)"
    " FROM (VALUES ('transaction_timeout', '0'), ('idle_session_timeout', '0'),"
    " ('lc_messages', 'C'), ('search_path', 'pg_catalog'),"
    // A server without an encoding would refuse bytes that are not UTF-8.
    " ('client_encoding', CASE pg_catalog.current_setting('server_encoding')"
    " WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END)) AS v(name, value)"
    " JOIN pg_catalog.pg_settings s ON s.name = v.name"
    " WHERE s.context = 'user' OR pg_catalog.current_setting('is_superuser') = 'on'";

bool another_login_may_work(const std::string& sqlstate) {
  return sqlstate == "28P01" || sqlstate == "28000";
}

bool another_database_may_work(const std::string& sqlstate) {
  // Absent; no connections allowed; no right to connect.
  return sqlstate == "3D000" || sqlstate == "55000" || sqlstate == "42501";
}

std::string random_hex() {
  std::random_device device;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (int digit = 0; digit < 8; ++digit) {
    text += kDigits[device() % kDigits.size()];
  }
  return text;
}

std::unique_ptr<AgentContainer> start_agent(dockerapi::Engine& engine, const AgentImage& image,
                                            const dockerapi::Container& container,
                                            const std::string& job) {
  AgentSpec spec;
  spec.job = job;
  spec.role = "postgres";
  spec.network_mode = "container:" + container.id.value;
  return std::make_unique<AgentContainer>(engine, image, spec);
}

}  // namespace

PostgresServer::PostgresServer(dockerapi::Engine& engine, const AgentImage& image,
                               dockerapi::Container container)
    : engine_(engine),
      image_(image),
      container_(std::move(container)),
      port_(postgres_port(container_)),
      name_("cofferdam-" + random_hex()),
      link_(start_agent(engine_, image_, container_, name_)) {
  log_in(postgres_logins(container_, [this](const std::string& path) {
    return output_of({"cat", path});
  }));
}

void PostgresServer::log_in(const std::vector<PostgresLogin>& logins) {
  std::optional<SqlError> refusal;
  for (const auto& login : logins) {
    login_ = login;
    try {
      const auto connection =
          connect_to_first({"postgres", login.database, "template1"}, home_database_);
      version_ = connection->server_version();
      superuser_ = connection->value("SELECT pg_catalog.current_setting('is_superuser')") == "on";
      break;
    } catch (const SqlError& error) {
      refusal = SqlError(redacted(error.what()), error.sqlstate());
      if (!another_login_may_work(error.sqlstate())) {
        break;
      }
    }
  }
  if (version_ == 0) {
    throw DatabaseError("cannot log in to the server of " + container_.name + ": " +
                        refusal->what());
  }
  if (version_ < kOldestVersion) {
    throw DatabaseError("PostgreSQL before 10 is not supported");
  }
}

std::unique_ptr<SqlConnection> PostgresServer::connect_to_first(
    const std::vector<std::string>& databases, std::string& chosen) {
  for (std::size_t at = 0;; ++at) {
    try {
      chosen = databases.at(at);
      return connect(chosen);
    } catch (const SqlError& error) {
      if (!another_database_may_work(error.sqlstate()) || at + 1 == databases.size()) {
        throw;
      }
    }
  }
}

std::map<std::string, std::string> PostgresServer::parameters(
    const std::string& database, const std::string& application) const {
  // What a database does at every login is not meant for us, and might shut us out.
  const bool quiet = superuser_ && version_ >= kVersionWithLoginTriggers;
  return {{"host", kHost},
          {"port", port_},
          {"user", login_.user},
          {"dbname", database},
          // Within one network namespace nobody listens; TLS would only cost time.
          {"sslmode", "allow"},
          {"application_name", application},
          {"connect_timeout", "15"},
          {"options", std::string(kOptions) + (quiet ? " -c event_triggers=off" : "")}};
}

std::unique_ptr<SqlConnection> PostgresServer::open(
    const std::map<std::string, std::string>& parameters) {
  try {
    return std::make_unique<SqlConnection>(link_, parameters);
  } catch (const std::exception&) {
    if (!link_.ended()) {
      throw;
    }
  }
  link_.replace(start_agent(engine_, image_, container_, name_));
  return std::make_unique<SqlConnection>(link_, parameters);
}

std::unique_ptr<SqlConnection> PostgresServer::connect(const std::string& database) {
  auto all = parameters(database, name_);
  all["client_encoding"] = "UTF8";
  all["password"] = login_.password;
  auto connection = open(all);
  connection->query(kFurtherSettings);
  return connection;
}

std::unique_ptr<SqlConnection> PostgresServer::connect_beside(const std::string& database) {
  std::vector<std::string> others;
  for (const auto& other :
       {home_database_, std::string("postgres"), login_.database, std::string("template1")}) {
    if (other != database) {
      others.push_back(other);
    }
  }
  std::string chosen;
  return connect_to_first(others, chosen);
}

std::string PostgresServer::connection_string_for(const std::string& database,
                                                  const std::string& application) const {
  return connection_string(parameters(database, application));
}

ExecOutcome PostgresServer::run(std::vector<std::string> command, const ExecInput& input,
                                const ExecOutput& output, const std::stop_token& stop) {
  dockerapi::ExecSpec spec;
  spec.command = std::move(command);
  // PGOPTIONS and the like of the container's environment are overruled by the connection string.
  spec.env = {"LC_ALL=C", "PGTZ=UTC"};
  if (!login_.password.empty()) {
    spec.env.push_back("PGPASSWORD=" + login_.password);
  }
  auto outcome = run_exec(engine_, container_.id, std::move(spec), {input, output, stop});
  outcome.complaints = redacted(std::move(outcome.complaints));
  return outcome;
}

std::optional<std::string> PostgresServer::output_of(std::vector<std::string> command) {
  dockerapi::ExecSpec spec;
  spec.command = std::move(command);
  std::string text;
  const auto outcome = run_exec(engine_, container_.id, std::move(spec),
                                {{}, [&](std::string_view bytes) { text.append(bytes); }, {}});
  return outcome.exit_code == 0 ? std::optional(text) : std::nullopt;
}

void PostgresServer::end_sessions_of(const std::string& application) noexcept {
  try {
    connect(home_database_)
        ->query(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
            " WHERE application_name = " +
            quoted_text(application));
  } catch (const std::exception&) {
    // They end by themselves once they notice that nobody reads.
  }
}

std::string PostgresServer::redacted(std::string text) const {
  const std::string& password = login_.password;
  // Shorter ones would riddle the text, and are no secret.
  constexpr std::size_t kShortest = 4;
  if (password.size() < kShortest) {
    return text;
  }
  for (auto at = text.find(password); at != std::string::npos; at = text.find(password, at)) {
    text.replace(at, password.size(), "***");
  }
  return text;
}

}  // namespace controller
