//! A limit on what is read of a response, and one packet for a request. ureq limits the headers of one
//! response; but any number of interim responses (1xx) may precede it.

use ureq::Error;
use ureq::http::Uri;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport,
};

/// The last connector of the chain. It does not limit the connection to a proxy, which also carries
/// the TLS handshake with the endpoint.
#[derive(Debug)]
pub struct ReadLimit {
    /// The proxy, if there is one.
    pub to_proxy: Option<Uri>,
    /// In bytes.
    pub limit: usize,
}

impl<In: Transport> Connector<In> for ReadLimit {
    type Out = Either<In, Limited<In>>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|transport| {
            if self.to_proxy.as_ref() == Some(details.uri) {
                Either::A(transport)
            } else {
                Either::B(Limited { transport, limit: self.limit, read: 0, unsent: Vec::new() })
            }
        }))
    }
}

/// A connection that is read up to the limit, and sends a request when its response is awaited: ureq
/// writes headers and body one after the other, and would send each in a packet of its own.
#[derive(Debug)]
pub struct Limited<T> {
    transport: T,
    limit: usize,
    read: usize,
    unsent: Vec<u8>,
}

impl<T: Transport> Transport for Limited<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.transport.buffers()
    }

    fn transmit_output(&mut self, amount: usize, _timeout: NextTimeout) -> Result<(), Error> {
        self.unsent.extend_from_slice(&self.transport.buffers().output()[..amount]);
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if self.read >= self.limit {
            return Err(Error::LargeResponseHeader(self.read, self.limit));
        }
        let size = self.transport.buffers().output().len();
        for part in std::mem::take(&mut self.unsent).chunks(size) {
            self.transport.buffers().output()[..part.len()].copy_from_slice(part);
            self.transport.transmit_output(part.len(), timeout)?;
        }
        let before = self.transport.buffers().input().len();
        let is_progress = self.transport.await_input(timeout)?;
        self.read += self.transport.buffers().input().len() - before;
        Ok(is_progress)
    }

    fn is_open(&mut self) -> bool {
        self.transport.is_open()
    }

    fn is_tls(&self) -> bool {
        self.transport.is_tls()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::unversioned::transport::LazyBuffers;

    /// Four bytes come with each read.
    #[derive(Debug)]
    struct Pieces(LazyBuffers);

    impl Transport for Pieces {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.0
        }

        fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), Error> {
            Ok(())
        }

        fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
            self.0.input_append_buf()[..4].fill(b'x');
            self.0.input_appended(4);
            Ok(true)
        }

        fn is_open(&mut self) -> bool {
            true
        }
    }

    #[test]
    fn each_byte_of_a_response_in_pieces_counts_once() {
        let transport = Pieces(LazyBuffers::new(64, 64));
        let mut limited = Limited { transport, limit: 10, read: 0, unsent: Vec::new() };
        let timeout = NextTimeout::default();
        for _ in 0..3 {
            assert!(limited.await_input(timeout).unwrap());
        }
        let error = limited.await_input(timeout).unwrap_err();
        assert!(matches!(error, Error::LargeResponseHeader(12, 10)), "{error:?}");
    }
}
