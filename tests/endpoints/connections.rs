//! What may happen to a connection before the endpoint has the request.

use crate::support::endpoint::Connection;
use crate::support::ports::{ClosedPort, FullBacklog};
use crate::table::{CLOSED, Outcome::Retried, RESET, Row, Scene, TIMED_OUT, rows};

fn refusing() -> Scene {
    let closed = ClosedPort::new();
    Scene::unreached(format!("http://127.0.0.1:{}/", closed.port)).keeping(closed)
}

fn hanging() -> Scene {
    let backlog = FullBacklog::new();
    Scene::unreached(format!("http://127.0.0.1:{}/", backlog.port)).keeping(backlog)
}

pub const CONNECTIONS: &[Row] = rows! {
    Nothing {
        "refuses the connection" => Retried("Connection refused (os error 111)"), refusing();
        "does not answer the connection" => Retried("connect timed out after {connect} s"), hanging();
    }
    UpToRequest {
        "closes as soon as it is connected" => Retried(CLOSED), Scene::http(|_| {});
        "resets as soon as it is connected" => Retried(RESET), Scene::http(Connection::reset);
        "resets in the middle of the request" => Retried(RESET),
            Scene::http(|connection| { connection.read_some(); connection.reset(); });
    }
    Request {
        "neither reads nor responds" => Retried(TIMED_OUT), Scene::http(Connection::hold);
    }
};
